namespace Serverless.Tests.Docs;

/// <summary>A page and its fenced code blocks.</summary>
internal sealed class MarkdownPage
{
    private const string Fence = "```";

    /// <param name="path">Its path from the root of the repository, for messages.</param>
    /// <param name="text">What it says.</param>
    public MarkdownPage(string path, string text)
    {
        Path = path;
        Blocks = [.. Read(text.ReplaceLineEndings("\n").Split('\n'))];
    }

    public string Path { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>What the block after this one says, if that is plain text: the output of an example.</summary>
    public string? TextAfter(CodeBlock block) =>
        Blocks.SkipWhile(b => b != block).Skip(1).FirstOrDefault() is { Kind: BlockKind.Text } next ? next.Text : null;

    private static IEnumerable<CodeBlock> Read(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var first = i + 1;
            while (++i < lines.Length && lines[i].TrimEnd() != Fence)
            {
            }

            yield return new CodeBlock(KindOf(lines[first - 1][Fence.Length..].Trim()), first + 1, string.Join('\n', lines[first..i]));
        }
    }

    private static BlockKind KindOf(string info) => info switch
    {
        "csharp" => BlockKind.Code,
        "csharp host" => BlockKind.Host,
        "csharp run" => BlockKind.Run,
        "text" => BlockKind.Text,
        _ when info.StartsWith("csharp", StringComparison.Ordinal) => BlockKind.Unknown,
        _ => BlockKind.Other,
    };
}

/// <param name="Kind">What it is for.</param>
/// <param name="Line">The page's line, from 1, that its first line is on.</param>
/// <param name="Text">Its lines.</param>
internal sealed record CodeBlock(BlockKind Kind, int Line, string Text);

/// <summary>What a code block is for, as the words after its fence say.</summary>
internal enum BlockKind
{
    /// <summary>Another language.</summary>
    Other,

    /// <summary><c>csharp</c>: types, or statements that are compiled only.</summary>
    Code,

    /// <summary><c>csharp host</c>: statements that set up the host, with <c>options</c> and <c>services</c> at hand.</summary>
    Host,

    /// <summary><c>csharp run</c>: statements that are run, with <c>client</c> and <c>Clock</c> at hand.</summary>
    Run,

    /// <summary><c>text</c>: what the block before it prints.</summary>
    Text,

    /// <summary>C# with a word that means nothing.</summary>
    Unknown,
}
