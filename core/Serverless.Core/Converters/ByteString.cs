using System.Text;

namespace Serverless.Api.Common.V1;

/// <summary>Bytes that do not change. Two with the same bytes are equal.</summary>
public sealed class ByteString : IEquatable<ByteString>
{
    private ByteString(ReadOnlyMemory<byte> memory) => Memory = memory;

    /// <summary>No bytes.</summary>
    public static ByteString Empty { get; } = new(default);

    /// <summary>Number of bytes.</summary>
    public int Length => Memory.Length;

    /// <summary>True without bytes.</summary>
    public bool IsEmpty => Memory.IsEmpty;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>One byte.</summary>
    /// <param name="index">Position, from 0.</param>
    public byte this[int index] => Memory.Span[index];

    /// <summary>A copy of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static ByteString CopyFrom(params byte[] bytes) => CopyFrom(bytes.AsSpan());

    /// <summary>A copy of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static ByteString CopyFrom(ReadOnlySpan<byte> bytes) => Wrap(bytes.ToArray());

    /// <summary>The bytes of a text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    public static ByteString CopyFromUtf8(string text) => Wrap(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encoding">How it becomes bytes.</param>
    public static ByteString CopyFrom(string text, Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        return Wrap(encoding.GetBytes(text));
    }

    /// <summary>Whether both have the same bytes, or both are null.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(ByteString? left, ByteString? right) => left?.Equals(right) ?? right is null;

    /// <summary>Whether the bytes differ, or one is null.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(ByteString? left, ByteString? right) => !(left == right);

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToByteArray() => Memory.ToArray();

    /// <summary>The bytes as a text in UTF-8.</summary>
    public string ToStringUtf8() => Encoding.UTF8.GetString(Memory.Span);

    /// <summary>The bytes as text.</summary>
    /// <param name="encoding">How the text was made bytes.</param>
    public string ToString(Encoding encoding)
    {
        ArgumentNullException.ThrowIfNull(encoding);
        return encoding.GetString(Memory.Span);
    }

    /// <summary>The bytes in base 64.</summary>
    public string ToBase64() => Convert.ToBase64String(Memory.Span);

    /// <inheritdoc/>
    public bool Equals(ByteString? other) => other is not null && Memory.Span.SequenceEqual(other.Memory.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ByteString);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Memory.Span);
        return hash.ToHashCode();
    }

    /// <summary>The bytes themselves, not copied: the caller must not change them any more.</summary>
    internal static ByteString Wrap(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? Empty : new(bytes);
}
