// Tests again what survived Stryker, each alteration in a process of its own, and writes what is killed so into the report. Stryker keeps one process, in which what is
// initialised once (static fields, cached serializers) has been so before the alteration is switched on.
// node fresh.mjs <folder> <altered test program> <mutation-report.json>. Exit code 0 when the tests could be run.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, program, path] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const filter = JSON.parse(readFileSync(join(here, `${folder}.json`), 'utf8'))['stryker-config']['test-case-filter'];
const args = ['--no-ansi', '--progress', 'off', '--maximum-failed-tests', '1', ...filter ? ['--filter', filter] : []];
const scratch = mkdtempSync(join(tmpdir(), 'fresh-'));
// Exit codes of the test platform; a process that crashed has none.
const allPassed = 0;
const someFailed = [2, 13];
let limit = 600_000;

/** How the tests end with one alteration switched on: its number is in a file of four bytes, -1 stands for none. */
function run(id) {
    const file = join(scratch, `${id}.mutant`);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(Number(id));
    writeFileSync(file, bytes);
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, STRYKER_MUTANT_FILE: file } });
        let late = false;
        const timer = setTimeout(() => { late = true; child.kill('SIGKILL'); }, limit);
        child.on('error', reject);
        child.on('close', code => {
            clearTimeout(timer);
            resolve(late ? 'Timeout' : code === null ? 'RuntimeError' : code === allPassed ? 'Survived' : someFailed.includes(code) ? 'Killed' : `Code ${code}`);
        });
    });
}

async function main() {
    const start = Date.now();
    if (await run(-1) !== 'Survived') {
        console.error(`Without an alteration the tests must pass, in a process of their own too: ${program} ${args.join(' ')}`);
        return 2;
    }

    limit = 15_000 + 5 * (Date.now() - start);
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const survivors = Object.values(report.files).flatMap(file => file.mutants).filter(mutant => ['Survived', 'NoCoverage'].includes(mutant.status));
    const left = [...survivors];
    let killed = 0;
    const work = async () => {
        for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
            const status = await run(mutant.id);
            if (status.startsWith('Code')) {
                throw new Error(`The tests with alteration ${mutant.id} ended with an unknown ${status.toLowerCase()}.`);
            }

            if (status !== 'Survived') {
                mutant.status = status;
                killed++;
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, work));
    writeFileSync(path, JSON.stringify(report));
    console.log(`${survivors.length} survivors tested again in processes of their own, ${killed} killed there`);
    return 0;
}

try {
    process.exitCode = await main();
} finally {
    rmSync(scratch, { recursive: true });
}
