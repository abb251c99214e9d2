#compdef serverless
# Completion of serverless in zsh. In ~/.zshrc, after compinit: source <(serverless completion zsh)
_serverless() {
    local line="${BUFFER#* }"
    local point=$((CURSOR - ${#BUFFER} + ${#line}))
    local -a items
    items=("${(@f)$(serverless "[suggest:$point]" "$line" 2>/dev/null)}")
    compadd -a items
}
compdef _serverless serverless
