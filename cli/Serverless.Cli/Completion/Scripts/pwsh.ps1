# Completion of serverless in PowerShell. In $PROFILE: serverless completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName serverless -ScriptBlock {
    param($word, $command, $cursor)
    $typed = $command.ToString().PadRight($cursor).Substring(0, $cursor)
    $line = $typed -replace '^\S+\s*', ''
    serverless "[suggest:$($line.Length)]" $line 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
