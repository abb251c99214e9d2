# Completion of serverless in PowerShell. In $PROFILE: serverless completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName serverless -ScriptBlock {
    param($word, $command, $cursor)
    $typed = $command.ToString().PadRight($cursor).Substring(0, $cursor)
    $line = $typed -replace '^\S+\s*', ''
    serverless "[suggest:$($line.Length)]" $line 2>$null | ForEach-Object {
        # A name that others chose must not be run as part of the line.
        $text = if ($_ -match '^[A-Za-z0-9._:/-]+$') { $_ } else { "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
