package io.millstream.protocols.aws.push;

import io.millstream.api.Message;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What is posted to an endpoint: headers and a body.
///
/// @param headers by name
/// @param body all of it
record Parcel(Map<String, String> headers, byte[] body) {
    private static final List<String> SIGNED_OF_NOTIFICATIONS =
            List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type");
    private static final List<String> SIGNED_OF_CONFIRMATIONS =
            List.of(
                    "Message",
                    "MessageId",
                    "SubscribeURL",
                    "Timestamp",
                    "Token",
                    "TopicArn",
                    "Type");

    /// The parcel of a message; signs it unless it is raw.
    static Parcel of(PushTarget target, Message message, Signer signer) {
        Confirmation asks = Confirmation.of(message);
        String type = asks == null ? "Notification" : asks.title();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amz-sns-message-type", type);
        headers.put("x-amz-sns-message-id", Objects.requireNonNullElse(message.id(), ""));
        headers.put("x-amz-sns-topic-arn", target.topic());
        if (asks == null) {
            headers.put("x-amz-sns-subscription-arn", target.subscription());
        }
        headers.put("User-Agent", "Amazon Simple Notification Service Agent");
        headers.put(
                "Content-Type",
                asks == null ? target.policy().contentType() : DeliveryPolicy.USUAL.contentType());
        String text = text(target, message);
        String body;
        if (asks != null) {
            body = confirmation(asks, target, message, signer);
        } else if (Notification.isWrapped(message)) {
            body = notification(target, message, text, signer);
        } else {
            headers.put("x-amz-sns-rawdelivery", "true");
            body = text;
        }
        return new Parcel(headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(PushTarget target, Message message) {
        String protocol = target.endpoint().startsWith("https:") ? "https" : "http";
        String own = Notification.header(message, Notification.TEXT + protocol);
        return own == null ? message.text() : own;
    }

    private static String notification(
            PushTarget target, Message message, String text, Signer signer) {
        Tree.Fields json = Notification.begin("Notification", message, text);
        sign(json, SIGNED_OF_NOTIFICATIONS, target, message, signer);
        json.with(
                "UnsubscribeURL",
                target.origin()
                        + "/?Action=Unsubscribe&SubscriptionArn="
                        + encoded(target.subscription())
                        + "&Token="
                        + target.leave());
        Notification.addAttributes(json, message);
        return Notification.write(json);
    }

    private static String confirmation(
            Confirmation asks, PushTarget target, Message message, Signer signer) {
        String token = Confirmation.token(message);
        Tree.Fields json =
                Tree.Fields.empty()
                        .with("Type", asks.title())
                        .with("MessageId", message.id())
                        .with("Token", token)
                        .with("TopicArn", target.topic())
                        .with("Message", message.text())
                        .with(
                                "SubscribeURL",
                                target.origin()
                                        + "/?Action=ConfirmSubscription&TopicArn="
                                        + encoded(target.topic())
                                        + "&Token="
                                        + token)
                        .with("Timestamp", Notification.timestamp(message));
        sign(json, SIGNED_OF_CONFIRMATIONS, target, message, signer);
        return Notification.write(json);
    }

    private static void sign(
            Tree.Fields json,
            List<String> signed,
            PushTarget target,
            Message message,
            Signer signer) {
        StringBuilder text = new StringBuilder();
        for (String name : signed) {
            @Nullable Tree value = json.members().get(name);
            if (value instanceof Tree.Text(String plain)) {
                text.append(name).append('\n').append(plain).append('\n');
            }
        }
        String version = Notification.signatureVersion(message);
        json.with("SignatureVersion", version)
                .with("Signature", signer.sign(version, text.toString()))
                .with("SigningCertURL", target.origin() + signer.path());
    }

    private static String encoded(String arn) {
        return URLEncoder.encode(arn, StandardCharsets.UTF_8);
    }
}
