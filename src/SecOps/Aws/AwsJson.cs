using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SecOps.Aws;

/// <summary>How the records of the services are written and read: generated code, nulls and empty lists left out, nulls in answers ignored.</summary>
internal static class AwsJson
{
    public static JsonSerializerOptions Options(IJsonTypeInfoResolver context, bool camelCase)
    {
        var options = new JsonSerializerOptions
        {
            TypeInfoResolver = context.WithAddedModifier(Tolerate),
            PropertyNamingPolicy = camelCase ? JsonNamingPolicy.CamelCase : null,
            NumberHandling = JsonNumberHandling.AllowReadingFromString,
            Converters = { new TimestampConverter() },
        };
        options.MakeReadOnly();
        return options;
    }

    public static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private static void Tolerate(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.ShouldSerialize = static (_, value) => value is not (null or ICollection { Count: 0 });
            if (property.Set is { } set)
            {
                property.Set = (target, value) =>
                {
                    if (value is not null)
                    {
                        set(target, value);
                    }
                };
            }
        }
    }

    /// <summary>A point in time: seconds since 1970, perhaps with a fraction, or ISO 8601.</summary>
    private sealed class TimestampConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                var seconds = reader.GetDouble();
                return seconds is > -6e10 and < 2e11 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : throw new JsonException("a time out of range");
            }

            return DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw new JsonException("no time");
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.ToUnixTimeMilliseconds() / 1000m);
    }
}
