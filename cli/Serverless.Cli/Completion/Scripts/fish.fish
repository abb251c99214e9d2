# Completion of serverless in fish. In config.fish: serverless completion fish | source
function __serverless_complete
    set -l line (commandline -cp | string replace -r '^\S+\s*' '')
    serverless "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
end
complete -f -c serverless -a '(__serverless_complete)'
