# Completion of serverless in bash. In ~/.bashrc: source <(serverless completion bash)
_serverless_complete() {
    local line="${COMP_LINE#* }" word="${COMP_WORDS[COMP_CWORD]}" item
    local point=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
    COMPREPLY=()
    while IFS= read -r item; do
        [[ "$item" == "$word"* ]] && COMPREPLY+=("$(printf '%q' "$item")")
    done < <(serverless "[suggest:$point]" "$line" 2>/dev/null)
}
complete -o default -F _serverless_complete serverless
