package io.millstream.protocols.aws.sqs;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// A typed attribute of a message; a header in the backend.
///
/// AWS's types `String`, `Number` and `Binary` are the header types `text`, `number` and `bytes`; a
/// custom suffix is kept behind the dot, so that what SQS stored comes back as it was.
///
/// @param name its name
/// @param type AWS's type with its suffix
/// @param value the bytes of the value; texts and numbers in UTF-8
public record MessageAttribute(String name, String type, Bytes value) {
    /// The most attributes that one message may be sent with.
    public static final int ATTRIBUTES_MAX = 10;

    private static final String STRING = "String";
    private static final String NUMBER = "Number";
    private static final String BINARY = "Binary";
    private static final int NAME_CHARS_MAX = 256;
    private static final int TYPE_BYTES_MAX = 256;
    private static final int NUMBER_DIGITS_MAX = 38;
    private static final int NUMBER_EXPONENT_MIN = -128;
    private static final int NUMBER_EXPONENT_MAX = 126;
    private static final Pattern NUMBER_FORM =
            Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?");
    private static final Set<String> MEMBERS =
            Set.of(
                    "DataType",
                    "StringValue",
                    "BinaryValue",
                    "StringListValues",
                    "BinaryListValues");

    /// Whether its value is bytes.
    public boolean isBinary() {
        return isOf(BINARY, type);
    }

    /// Its size, as limits count it.
    public int bytes() {
        return name.length() + type.length() + value.length();
    }

    /// Reads the attributes in the parameter `MessageAttributes`.
    static List<MessageAttribute> read(Input input) {
        return read(input, ATTRIBUTES_MAX);
    }

    /// The same, with another number of them allowed.
    public static List<MessageAttribute> read(Input input, int attributesMax) {
        Map<String, Input> given = input.structureMap("MessageAttributes");
        if (given.isEmpty()) {
            return List.of();
        }
        if (given.size() > attributesMax) {
            throw AwsError.INVALID_PARAMETER.with(
                    "Number of message attributes ["
                            + given.size()
                            + "] exceeds the allowed maximum ["
                            + attributesMax
                            + "].");
        }
        List<MessageAttribute> attributes = new ArrayList<>(given.size());
        given.forEach((name, value) -> {
            checkName(name);
            attributes.add(read(name, value));
        });
        return attributes;
    }

    /// Reads the value of the attribute `name`, whose name has been checked.
    static MessageAttribute read(String name, Input input) {
        input.allow(MEMBERS);
        String type = input.text("DataType");
        if (type == null || type.isEmpty()) {
            throw invalid(name, "must contain a non-empty DataType.");
        }
        checkType(name, type);
        if (input.has("StringListValues") || input.has("BinaryListValues")) {
            throw invalid(name, "has a list value; list values are not supported.");
        }
        byte @Nullable [] value =
                isOf(BINARY, type) ? input.bytes("BinaryValue") : text(name, type, input);
        if (value == null || value.length == 0) {
            throw invalid(
                    name,
                    "must contain a non-empty "
                            + (isOf(BINARY, type) ? "BinaryValue" : "StringValue")
                            + ", as its type is "
                            + type
                            + ".");
        }
        if (input.has(isOf(BINARY, type) ? "StringValue" : "BinaryValue")) {
            throw invalid(
                    name, "has a value of another kind than its type, which is " + type + ".");
        }
        return new MessageAttribute(name, type, Bytes.of(value));
    }

    /// A type may hold what a body may, and the receiver's library digests it as it was sent.
    private static void checkType(String name, String type) {
        boolean valid =
                (isOf(STRING, type) || isOf(NUMBER, type) || isOf(BINARY, type))
                        && !type.endsWith(".")
                        && SqsText.firstInvalid(type) < 0
                        && Bytes.utf8(type).length() <= TYPE_BYTES_MAX;
        if (!valid) {
            throw invalid(
                    name,
                    "has an invalid DataType; it is String, Number or Binary, or one of them with a"
                            + " period and more behind it, and has at most 256 bytes.");
        }
    }

    private static byte @Nullable [] text(String name, String type, Input input) {
        String text = input.text("StringValue");
        if (text == null) {
            return null;
        }
        if (isOf(NUMBER, type) && !isNumber(text)) {
            throw invalid(
                    name,
                    "is of type Number, and its value is no number of at most 38 digits"
                            + " between 1e-128 and 1e126.");
        }
        if (SqsText.firstInvalid(text) >= 0) {
            throw invalid(name, "contains a character that is not allowed in a message.");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// As AWS has them: up to 38 digits, from 1e-128 to 1e126, below zero too, or zero.
    private static boolean isNumber(String text) {
        if (text.length() > NAME_CHARS_MAX || !NUMBER_FORM.matcher(text).matches()) {
            return false;
        }
        try {
            BigDecimal number = new BigDecimal(text).stripTrailingZeros();
            long exponent = (long) number.precision() - number.scale() - 1;
            return number.signum() == 0
                    || (number.precision() <= NUMBER_DIGITS_MAX
                            && exponent >= NUMBER_EXPONENT_MIN
                            && (exponent < NUMBER_EXPONENT_MAX
                                    || (exponent == NUMBER_EXPONENT_MAX
                                            && number.precision() == 1
                                            && number.unscaledValue()
                                                    .abs()
                                                    .equals(BigInteger.ONE))));
        } catch (ArithmeticException | NumberFormatException e) {
            return false;
        }
    }

    private static void checkName(String name) {
        boolean valid =
                !name.isEmpty()
                        && name.length() <= NAME_CHARS_MAX
                        && !name.startsWith(".")
                        && !name.endsWith(".")
                        && !name.contains("..")
                        && !SystemAttribute.isReserved(name);
        for (int i = 0; valid && i < name.length(); i++) {
            char c = name.charAt(i);
            valid = c == '.' || Batch.isWordCharacter(c);
        }
        if (!valid) {
            throw invalid(
                    name,
                    "has an invalid name: 1 to 256 letters, digits, underscores, hyphens and single"
                            + " periods between them, not beginning with AWS. or Amazon.");
        }
    }

    private static boolean isOf(String kind, String type) {
        return type.startsWith(kind)
                && (type.length() == kind.length() || type.charAt(kind.length()) == '.');
    }

    private static FaultException invalid(String name, String what) {
        return AwsError.INVALID_PARAMETER.with("The message attribute '" + name + "' " + what);
    }

    /// The header that holds this attribute.
    public Header header() {
        String headerType;
        if (isOf(STRING, type)) {
            headerType = Header.TEXT + type.substring(STRING.length());
        } else if (isOf(NUMBER, type)) {
            headerType = Header.NUMBER + type.substring(NUMBER.length());
        } else {
            headerType = Header.BYTES + type.substring(BINARY.length());
        }
        return new Header(name, headerType, value);
    }

    /// The attribute that a header shows as. A type that AWS has not is shown as bytes.
    static MessageAttribute of(Header header) {
        String name = SqsText.cleaned(header.name());
        String type = SqsText.cleaned(header.type());
        if (isOf(Header.TEXT, type) || isOf(Header.NUMBER, type)) {
            String kind = isOf(Header.TEXT, type) ? Header.TEXT : Header.NUMBER;
            String text = SqsText.cleaned(header.text());
            return new MessageAttribute(
                    name,
                    (kind.equals(Header.TEXT) ? STRING : NUMBER) + type.substring(kind.length()),
                    Bytes.utf8(text));
        }
        String suffix =
                isOf(Header.BYTES, type) ? type.substring(Header.BYTES.length()) : '.' + type;
        return new MessageAttribute(name, BINARY + suffix, header.value());
    }

    /// The value as an answer shows it.
    Tree.Fields tree() {
        Tree.Fields fields = Tree.Fields.empty();
        if (isBinary()) {
            fields.with("BinaryValue", Base64.getEncoder().encodeToString(value.toArray()));
        } else {
            fields.with("StringValue", value.utf8());
        }
        return fields.with("DataType", type);
    }
}
