using System.Globalization;
using Azure.Data.Tables;

namespace Serverless.Storage.Azure;

/// <summary>A row's bytes as properties of an entity; see <see cref="AzureLayout"/>.</summary>
internal static class RowEntity
{
    public static TableEntity Create(string partition, RowOperation operation)
    {
        var entity = new TableEntity(partition, operation.Key);
        var data = operation.Data;
        for (var piece = 0; data.Length > 0; piece++)
        {
            var size = Math.Min(data.Length, AzureLayout.MaxPropertyBytes);
            entity[Property(piece)] = BinaryData.FromBytes(data[..size]);
            data = data[size..];
        }

        return entity;
    }

    public static Row ToRow(TableEntity entity)
    {
        var written = entity.Timestamp
            ?? throw new InvalidDataException($"Row '{entity.RowKey}' came without a timestamp.");
        return new Row(entity.RowKey, Data(entity), entity.ETag.ToString("G"), written.UtcTicks);
    }

    private static ReadOnlyMemory<byte> Data(TableEntity entity)
    {
        List<byte[]> pieces = [];
        while (entity.GetBinary(Property(pieces.Count)) is { } piece)
        {
            pieces.Add(piece);
        }

        return pieces.Count == 1 ? pieces[0] : pieces.SelectMany(piece => piece).ToArray();
    }

    private static string Property(int piece) => AzureLayout.DataProperty + piece.ToString(CultureInfo.InvariantCulture);
}
