using System.Security.Cryptography;
using Serverless.Exceptions;

namespace Serverless.Converters;

/// <summary>
/// Encrypts payloads with AES-256 in Galois/Counter mode: nobody without the key can read or change them unnoticed. Payloads that are not encrypted are decoded as they
/// are, so that encryption can be turned on while workflows run. Usable from several threads.
/// </summary>
/// <remarks>
/// An encrypted payload has the metadata "encoding" = "binary/encrypted" and "encryption-key-id"; its data is nonce (12 bytes), ciphertext and tag (16 bytes) of the whole
/// payload. Codecs of other SDKs that write this form and this one can read each other.
/// </remarks>
public sealed class AesGcmPayloadCodec : IPayloadCodec
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeyBytes = 32;

    internal const string EncodingName = "binary/encrypted";
    internal const string KeyIdName = "encryption-key-id";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private static readonly ByteString s_encoding = ByteString.CopyFromUtf8(EncodingName);

    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);
    private readonly ByteString _currentKeyId;
    private readonly Action<Span<byte>> _fillNonce;

    /// <summary>Creates the codec with one key.</summary>
    /// <param name="keyId">Names the key; stored readably.</param>
    /// <param name="key">32 random bytes.</param>
    /// <exception cref="ArgumentException">The key has another length, or the id is empty.</exception>
    public AesGcmPayloadCodec(string keyId, byte[] key)
        : this(keyId, new Dictionary<string, byte[]> { [keyId] = key })
    {
    }

    /// <summary>Creates the codec with the keys that were ever in use.</summary>
    /// <param name="currentKeyId">The key to encrypt with. Change it well before it has encrypted 2^32 payloads: nonces are random.</param>
    /// <param name="keys">32 random bytes for each id. Old ones are needed as long as workflows or results that they encrypted are read.</param>
    /// <exception cref="ArgumentException">A key has another length, an id is empty, or the current key is missing.</exception>
    public AesGcmPayloadCodec(string currentKeyId, IReadOnlyDictionary<string, byte[]> keys)
        : this(currentKeyId, keys, RandomNumberGenerator.Fill)
    {
    }

    /// <summary>The nonces decide nothing and are stored with what they encrypt: they are the one thing here that may be left to chance.</summary>
    internal AesGcmPayloadCodec(string currentKeyId, IReadOnlyDictionary<string, byte[]> keys, Action<Span<byte>> fillNonce)
    {
        ArgumentException.ThrowIfNullOrEmpty(currentKeyId);
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var (id, key) in keys)
        {
            ArgumentException.ThrowIfNullOrEmpty(id, nameof(keys));
            _keys[id] = key is { Length: KeyBytes }
                ? key.AsSpan().ToArray()
                : throw new ArgumentException($"Key '{id}' has {key?.Length ?? 0} bytes; it needs {KeyBytes}.", nameof(keys));
        }

        if (!_keys.ContainsKey(currentKeyId))
        {
            throw new ArgumentException($"The current key '{currentKeyId}' is not among the keys.", nameof(currentKeyId));
        }

        _currentKeyId = ByteString.CopyFromUtf8(currentKeyId);
        _fillNonce = fillNonce;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        using var aes = new AesGcm(_keys[_currentKeyId.ToStringUtf8()], TagBytes);
        return Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(payload => Encrypt(aes, payload))]);
    }

    /// <inheritdoc/>
    /// <exception cref="PayloadCodecException">The key is not known, or the payload was changed.</exception>
    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        return Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Decrypt)]);
    }

    private Payload Encrypt(AesGcm aes, Payload payload)
    {
        var plain = payload.ToByteArray();
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = bytes.AsSpan(0, NonceBytes);
        _fillNonce(nonce);
        aes.Encrypt(nonce, plain, bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length));
        return new Payload
        {
            Metadata = { [PayloadEncoding.Key] = s_encoding, [KeyIdName] = _currentKeyId },
            Data = ByteString.Wrap(bytes),
        };
    }

    private Payload Decrypt(Payload payload)
    {
        if (payload.Metadata.GetValueOrDefault(PayloadEncoding.Key) != s_encoding)
        {
            return payload;
        }

        var bytes = payload.Data.Span;
        if (bytes.Length < NonceBytes + TagBytes || !payload.Metadata.TryGetValue(KeyIdName, out var id))
        {
            throw new PayloadCodecException(
                PayloadCodecError.Damaged, $"A payload says that it is encrypted, but has no key id or fewer than {NonceBytes + TagBytes} bytes.");
        }

        var keyId = id.ToStringUtf8();
        if (!_keys.TryGetValue(keyId, out var key))
        {
            throw new PayloadCodecException(
                PayloadCodecError.UnknownKey, $"A payload is encrypted with key '{keyId}', which this process was not given. Add it to the keys of the codec.");
        }

        var plain = new byte[bytes.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(bytes[..NonceBytes], bytes[NonceBytes..^TagBytes], bytes[^TagBytes..], plain);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new PayloadCodecException(
                PayloadCodecError.NotAuthentic, $"A payload was changed after it was encrypted, or key '{keyId}' is not the one that encrypted it.", e);
        }

        return ReadWhole(plain);
    }

    private static Payload ReadWhole(byte[] plain)
    {
        try
        {
            return Payload.Parser.ParseFrom(plain);
        }
        catch (InvalidDataException e)
        {
            throw new PayloadCodecException(PayloadCodecError.Damaged, "A payload was decrypted, but what was encrypted is no payload.", e);
        }
    }
}
