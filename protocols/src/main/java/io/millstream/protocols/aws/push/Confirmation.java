package io.millstream.protocols.aws.push;

import io.millstream.api.Message;
import io.millstream.protocols.aws.sqs.Notification;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// What an endpoint is asked: whether it wants a topic's messages, or whether it still does though
/// its subscription was ended. It answers by visiting an address with a token.
public enum Confirmation {
    /// Somebody wants it to get messages.
    SUBSCRIPTION("SubscriptionConfirmation"),
    /// Somebody has ended its subscription.
    UNSUBSCRIPTION("UnsubscribeConfirmation");

    private static final String TYPE = Notification.PREFIX + "Type";
    private static final String TOKEN = Notification.PREFIX + "Token";

    private final String title;

    Confirmation(String title) {
        this.title = title;
    }

    /// AWS's name of such a message.
    String title() {
        return title;
    }

    /// The message that asks.
    ///
    /// @param target whom
    /// @param id of the message
    /// @param token by which it answers
    /// @param signature the topic's version of signatures
    public Message message(
            PushTarget target, String id, String token, String signature, Instant now) {
        String text =
                switch (this) {
                    case SUBSCRIPTION ->
                            "You have chosen to subscribe to the topic "
                                    + target.topic()
                                    + ".\nTo confirm the subscription, visit the SubscribeURL"
                                    + " included in this message.";
                    case UNSUBSCRIPTION ->
                            "You have chosen to deactivate subscription "
                                    + target.subscription()
                                    + ".\nTo cancel this operation and restore the subscription,"
                                    + " visit the SubscribeURL included in this message.";
                };
        return Message.builder(text)
                .id(id)
                .time(now)
                .header(TYPE, title)
                .header(TOKEN, token)
                .header(Notification.TOPIC, target.topic())
                .header(Notification.SIGNATURE_VERSION, signature)
                .build();
    }

    /// What a message asks, or null if it is no question.
    static @Nullable Confirmation of(Message message) {
        String type = message.header(TYPE).map(header -> header.text()).orElse("");
        for (Confirmation one : values()) {
            if (one.title.equals(type)) {
                return one;
            }
        }
        return null;
    }

    /// The token of a message that asks.
    static String token(Message message) {
        return message.header(TOKEN).map(header -> header.text()).orElse("");
    }
}
