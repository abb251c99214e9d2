using System.Buffers.Binary;
using System.Text;

namespace Serverless.History;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. <see cref="TryNext"/> moves to the next field and has its value ready; a value that nobody asks
/// for is skipped, so a reader is a loop over a switch of the tags it knows. Whatever the bytes are, the only exception is
/// <see cref="InvalidDataException"/>, and nothing is allocated beyond what the input can hold. <see cref="Bytes"/> shares the input's memory.
/// </summary>
internal ref struct WireReader
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private WireType _type;
    private ulong _number;
    private int _start;

    public WireReader(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _span = memory.Span;
    }

    public readonly bool AtEnd => _position >= _span.Length;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Moves to the next field; false at the end.</summary>
    public bool TryNext(out int tag)
    {
        if (_position >= _span.Length)
        {
            tag = 0;
            return false;
        }

        var key = ReadNumber();
        tag = (int)(key >> 3);
        if (key is < 8 or > uint.MaxValue)
        {
            throw Damaged("has an impossible field tag");
        }

        _type = (WireType)(key & 7);
        switch (_type)
        {
            case WireType.Number:
                _number = ReadNumber();
                break;
            case WireType.Bytes:
                _number = ReadNumber();
                Skip(_number);
                break;
            case WireType.Fixed64:
                Skip(sizeof(ulong));
                _number = BinaryPrimitives.ReadUInt64LittleEndian(_span[_start..]);
                break;
            case WireType.Fixed32:
                Skip(sizeof(uint));
                _number = BinaryPrimitives.ReadUInt32LittleEndian(_span[_start..]);
                break;
            default:
                throw Damaged("has an unknown kind of field");
        }

        return true;
    }

    public readonly ulong Number() => Value(WireType.Number);

    public readonly long Signed() => UnZigZag(Value(WireType.Number));

    public readonly int Int()
    {
        var value = Signed();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Damaged("has a number out of range");
    }

    public readonly bool Flag() => Value(WireType.Number) != 0;

    public readonly ulong Fixed() => Value(WireType.Fixed64);

    public readonly float Float() => BitConverter.UInt32BitsToSingle((uint)Value(WireType.Fixed32));

    public readonly TimeSpan Duration() => new(Signed());

    public readonly DateTimeOffset Time() => ToTime(Signed());

    public readonly string Text() => Encoding.UTF8.GetString(Slice());

    /// <summary>For names that repeat from event to event: the same text is the same string.</summary>
    public readonly string Name() => NamePool.Get(Slice());

    public readonly ReadOnlyMemory<byte> Bytes()
    {
        var length = (int)Value(WireType.Bytes);
        return _memory.Slice(_start, length);
    }

    /// <summary>A reader of the nested message.</summary>
    public readonly WireReader Message() => new(Bytes());

    /// <summary>Reads a bare varint.</summary>
    public ulong ReadNumber()
    {
        if (_position < _span.Length && _span[_position] < 0x80)
        {
            return _span[_position++];
        }

        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _span.Length)
            {
                throw Damaged("ends inside a number");
            }

            var next = _span[_position++];
            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }

        throw Damaged("has a number of more than 64 bits");
    }

    /// <summary>Reads a bare signed varint.</summary>
    public long ReadSigned() => UnZigZag(ReadNumber());

    /// <summary>Reads a length-prefixed block without a tag.</summary>
    public WireReader ReadBlock()
    {
        var length = ReadNumber();
        Skip(length);
        return new WireReader(_memory.Slice(_start, (int)length));
    }

    /// <exception cref="InvalidDataException">Outside the range of years 1 to 9999.</exception>
    public static DateTimeOffset ToTime(long utcTicks) =>
        utcTicks >= DateTimeOffset.MinValue.UtcTicks && utcTicks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(utcTicks, TimeSpan.Zero)
            : throw Damaged("has a time out of range");

    public static InvalidDataException Damaged(string what) => new($"The record is damaged: it {what}.");

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private readonly ReadOnlySpan<byte> Slice()
    {
        var length = (int)Value(WireType.Bytes);
        return _span.Slice(_start, length);
    }

    private readonly ulong Value(WireType expected) =>
        _type == expected ? _number : throw Damaged($"has a field of kind {_type} where {expected} belongs");

    private void Skip(ulong length)
    {
        if (length > (ulong)(_span.Length - _position))
        {
            throw Damaged("ends inside a field");
        }

        _start = _position;
        _position += (int)length;
    }
}
