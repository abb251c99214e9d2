using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Serverless.History;

/// <summary>
/// Writes tagged fields (the wire shapes of protocol buffers) into a growing buffer. A null, zero, false or empty value writes nothing, and
/// an absent field reads as that; the nullable overloads and <see cref="Field(int, string?)"/> leave out null only.
/// Tags are 1 and above; a tag once released is never given another meaning. Not thread-safe.
/// </summary>
internal sealed class WireWriter
{
    private byte[] _buffer;
    private int _length;

    public WireWriter(int capacity = 256) => _buffer = new byte[capacity];

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public byte[] ToArray() => Written.ToArray();

    public void Field(int tag, string? value)
    {
        if (value is null)
        {
            return;
        }

        Key(tag, WireType.Bytes);
        var max = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (max < 128)
        {
            Ensure(max + 1);
            var written = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length + 1));
            _buffer[_length] = (byte)written;
            _length += written + 1;
        }
        else
        {
            var exact = Encoding.UTF8.GetByteCount(value);
            Number((ulong)exact);
            Encoding.UTF8.GetBytes(value, Take(exact));
        }
    }

    public void Field(int tag, long value)
    {
        if (value != 0)
        {
            Key(tag, WireType.Number);
            Number(ZigZag(value));
        }
    }

    public void Field(int tag, long? value)
    {
        if (value is { } present)
        {
            Key(tag, WireType.Number);
            Number(ZigZag(present));
        }
    }

    public void Field(int tag, ulong value)
    {
        if (value != 0)
        {
            Key(tag, WireType.Number);
            Number(value);
        }
    }

    public void Field(int tag, bool value) => Field(tag, value ? 1UL : 0UL);

    /// <summary>For values whose bits are all in use (hashes, seeds), where a varint would be longer.</summary>
    public void Fixed(int tag, ulong value)
    {
        if (value != 0)
        {
            Key(tag, WireType.Fixed64);
            BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);
        }
    }

    public void Field(int tag, float? value)
    {
        if (value is { } present)
        {
            Key(tag, WireType.Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(Take(sizeof(float)), present);
        }
    }

    /// <summary>To the tick.</summary>
    public void Field(int tag, TimeSpan? value) => Field(tag, value?.Ticks);

    /// <summary>The instant, to the tick; it is read back as UTC.</summary>
    public void Field(int tag, DateTimeOffset? value) => Field(tag, value?.UtcTicks);

    public void Field(int tag, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty)
        {
            Key(tag, WireType.Bytes);
            Number((ulong)value.Length);
            value.Span.CopyTo(Take(value.Length));
        }
    }

    /// <summary>Begins a nested message; what is written until <see cref="Close"/> with the returned mark is inside it.</summary>
    public int Open(int tag)
    {
        Key(tag, WireType.Bytes);
        return OpenBare();
    }

    /// <summary>Begins a length-prefixed block without a tag.</summary>
    public int OpenBare()
    {
        Take(1);
        return _length;
    }

    public void Close(int mark)
    {
        var length = _length - mark;
        if (length < 128)
        {
            _buffer[mark - 1] = (byte)length;
            return;
        }

        // One byte was kept for the length; a longer length pushes the content up.
        var extra = BitOperations.Log2((uint)length) / 7;
        Take(extra);
        _buffer.AsSpan(mark, length).CopyTo(_buffer.AsSpan(mark + extra));
        var end = _length;
        _length = mark - 1;
        Number((ulong)length);
        _length = end;
    }

    /// <summary>A bare varint, without a tag.</summary>
    public void Number(ulong value)
    {
        Ensure(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    /// <summary>A bare signed varint, without a tag.</summary>
    public void Signed(long value) => Number(ZigZag(value));

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Key(int tag, WireType type) => Number(((ulong)(uint)tag << 3) | (uint)type);

    private Span<byte> Take(int count)
    {
        Ensure(count);
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }

    private void Ensure(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max((long)_buffer.Length * 2, (long)_length + count), Array.MaxLength));
        }
    }
}

/// <summary>How the value that follows a tag is laid out. The numbers are those of protocol buffers.</summary>
internal enum WireType
{
    Number = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
