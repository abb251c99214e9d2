#!/usr/bin/env bash
# Builds everything once and runs every test project. Asks nothing, needs the .NET SDK and Node.js.
# The last line is the sum: "N passed, N failed" (and ", N skipped"). Exit code 0 only if every project ran tests and none failed.
# Arguments go to every test project, such as: ./test.sh --filter "FullyQualifiedName~History"
set -uo pipefail
cd "$(dirname "$0")" || exit 2
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

results="$PWD/artifacts/test-results"
limit=20m # per project: a hang is a failure
passed=0 failed=0 skipped=0

finish() {
    local line="$passed passed, $failed failed"
    [ "$skipped" -gt 0 ] && line="$line, $skipped skipped"
    echo "$line"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# attribute <name> <text>: the number in name="number", 0 when it is not there.
attribute() {
    if [[ $2 =~ [[:space:]]$1=\"([0-9]+)\" ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi
}

# add <trx file> <exit code> <project>: adds a project's counters.
add() {
    local counters="" project_failed total ok
    [ -f "$1" ] && counters=$(grep -o '<Counters [^>]*>' "$1" | head -n 1)
    total=$(attribute total "$counters")
    ok=$(attribute passed "$counters")
    project_failed=$(( $(attribute failed "$counters") + $(attribute error "$counters") + $(attribute timeout "$counters") + $(attribute aborted "$counters") ))
    passed=$((passed + ok))
    skipped=$((skipped + total - ok - project_failed))
    if [ "$ok" -eq 0 ] && [ "$project_failed" -eq 0 ]; then
        echo "$3 ran no test (exit code $2): counted as a failure."
        project_failed=1
    elif [ "$2" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        echo "$3 ended with exit code $2 though no test failed: counted as a failure."
        project_failed=1
    fi
    failed=$((failed + project_failed))
}

if [ -f tests/azurite/package-lock.json ] && [ ! -d tests/azurite/node_modules/azurite ]; then
    echo "== installing the storage emulator (npm ci in tests/azurite)"
    npm ci --prefix tests/azurite --no-audit --no-fund --loglevel=error \
        || echo "npm ci failed: the tests that need the storage emulator will say so."
fi

echo "== building"
if ! dotnet build Serverless.sln -c Release -nologo -v quiet -nodeReuse:false; then
    echo "The build failed."
    failed=1
    finish
fi

rm -rf "$results"
mkdir -p "$results"
for project in tests/*/*.csproj; do
    grep -q '"MSTest"' "$project" || continue
    name=$(basename "$project" .csproj)
    echo "== $name"
    dotnet run --no-build -c Release --project "$project" -- \
        --report-trx --report-trx-filename "$name.trx" --results-directory "$results" \
        --no-ansi --progress off --timeout "$limit" "$@"
    add "$results/$name.trx" $? "$name"
done

finish
