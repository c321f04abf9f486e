package io.millstream.protocols.aws.sns;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Filter;
import io.millstream.api.Target;
import io.millstream.protocols.aws.push.DeliveryPolicy;
import io.millstream.protocols.aws.push.PushTarget;
import io.millstream.protocols.aws.sqs.Notification;
import io.millstream.protocols.aws.sqs.QueueAddress;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/// A subscription: a binding from the topic's exchange to a queue, which is a queue of SQS or the
/// one with what is on its way to an endpoint. What else is known of it stands among its arguments.
/// One that waits for its confirmation, or was ended, lets no message through.
///
/// @param binding as declared
/// @param version of it, or 0 for one that is not there yet
record Subscription(Definition.Binding binding, long version) {
    static final String SQS = "sqs";

    private static final String ID = "sns.id";
    private static final String STATE = "sns.state";
    private static final String TOKEN = "sns.token";
    private static final String UNTIL = "sns.until";
    private static final String SIGNED = "sns.signed";
    private static final String CLOSED = "sns.closed";
    private static final String ENDPOINT = "sns.endpoint";
    private static final String LEAVE = "sns.leave";
    private static final String ORIGIN = "sns.origin";
    private static final String REGION = "sns.region";
    private static final String REPLAYING = "sns.replaying";
    private static final String TRUE = "true";

    /// What stands before a secret in an address, and the secret.
    private static final Pattern SECRET = Pattern.compile("^(https?://(?:[^/?#@:]*:)?)[^/?#@]*@");

    private static final Filter NOTHING =
            Filter.onHeaders(
                    Map.of(Notification.PREFIX + "Never", List.of(Map.of("exists", true))));

    /// How far it is.
    enum State {
        /// It gets messages.
        CONFIRMED,
        /// Its endpoint has not said yet that it wants them.
        PENDING,
        /// It was ended, and its endpoint may still want it back.
        DELETED
    }

    /// Whether a binding is one.
    static boolean is(Definition.Binding binding) {
        return binding.arguments().containsKey(ID);
    }

    /// A new one of a queue of SQS.
    static Subscription ofQueue(ChannelName topic, ChannelName queue, String id, Caller caller) {
        return of(new BindingName(topic, new Target.Channel(queue), "", SQS), id, caller)
                .with(SIGNED, caller.isSigned() ? TRUE : null);
    }

    /// A new one of an endpoint.
    static Subscription ofEndpoint(
            ChannelName topic, String protocol, String endpoint, String id, Caller caller) {
        ChannelName queue = PushTarget.queue(topic, protocol, endpoint);
        return of(new BindingName(topic, new Target.Channel(queue), "", protocol), id, caller)
                .with(ENDPOINT, endpoint)
                .with(LEAVE, Tokens.make());
    }

    private static Subscription of(BindingName name, String id, Caller caller) {
        Map<String, String> arguments =
                Map.of(ID, id, ORIGIN, caller.origin(), REGION, caller.region());
        return new Subscription(Definition.Binding.of(name).withArguments(arguments), 0);
    }

    private Subscription with(String argument, @Nullable String value) {
        Map<String, String> changed = new HashMap<>(binding.arguments());
        if (value == null) {
            changed.remove(argument);
        } else {
            changed.put(argument, value);
        }
        return new Subscription(binding.withArguments(changed), version);
    }

    private String argument(String name) {
        return binding.arguments().getOrDefault(name, "");
    }

    /// The same at another version.
    Subscription at(long another) {
        return new Subscription(binding, another);
    }

    ChannelName topic() {
        return binding.name();
    }

    /// The queue that it fills.
    ChannelName channel() {
        return binding.id().target().name();
    }

    String id() {
        return argument(ID);
    }

    String protocol() {
        return binding.id().label();
    }

    /// Whether messages are sent to an endpoint.
    boolean isPushed() {
        return !protocol().equals(SQS);
    }

    State state() {
        String state = argument(STATE);
        return state.isEmpty() ? State.CONFIRMED : State.valueOf(state);
    }

    /// Whether only those may end it who may manage its topic.
    boolean isClosed() {
        return binding.arguments().containsKey(CLOSED);
    }

    /// Whether by this token its endpoint ends it, whoever brings it.
    boolean isEndedBy(String token) {
        String leave = argument(LEAVE);
        return !leave.isEmpty() && !isClosed() && Tokens.areSame(leave, token);
    }

    /// Whether its endpoint was told the token of this digest, and it is still good.
    boolean isToken(String digest, Instant now) {
        String until = argument(UNTIL);
        return digest.equals(argument(TOKEN))
                && (until.isEmpty() || now.toEpochMilli() <= Long.parseLong(until));
    }

    /// The same, which its endpoint has until then to confirm by the token.
    Subscription waiting(State state, String token, Instant until) {
        return with(STATE, state.name())
                .with(TOKEN, Tokens.digest(token))
                .with(UNTIL, Long.toString(until.toEpochMilli()))
                .applied();
    }

    /// The same, confirmed. The token is remembered, for whoever confirms again.
    Subscription confirmed(boolean signed, boolean closed) {
        return with(STATE, null)
                .with(UNTIL, null)
                .with(SIGNED, signed ? TRUE : null)
                .with(CLOSED, closed ? TRUE : null)
                .applied();
    }

    /// Whether messages come from the archive, and new ones are held until it is through.
    boolean isReplaying() {
        return binding.arguments().containsKey(REPLAYING);
    }

    /// The same, replaying or not.
    Subscription replaying(boolean now) {
        return with(REPLAYING, now ? TRUE : null).applied();
    }

    /// Another binding with the filter and the headers of this one.
    Definition.Binding way(BindingName name) {
        return filtered(Definition.Binding.of(name), attributes().filter());
    }

    SubscriptionAttributes attributes() {
        return SubscriptionAttributes.of(this);
    }

    /// The same with these attributes.
    Subscription with(SubscriptionAttributes attributes) {
        return new Subscription(
                        binding.withArguments(attributes.addedTo(binding.arguments())), version)
                .applied();
    }

    /// The same with the filter and the headers that follow from its arguments.
    private Subscription applied() {
        boolean open = state() == State.CONFIRMED && !isReplaying();
        return new Subscription(filtered(binding, open ? attributes().filter() : NOTHING), version);
    }

    private Definition.Binding filtered(Definition.Binding which, @Nullable Filter filter) {
        return which.withFilter(filter)
                .withAdds(attributes().isRaw() ? List.of() : List.of(Notification.WRAPPED));
    }

    String arn(Caller caller) {
        return TopicName.arn(caller, topic()) + ':' + id();
    }

    /// Where its endpoint's messages are, where the topic's delivery policy has this text.
    PushTarget target(String topicPolicy) {
        String topicArn =
                "arn:aws:sns:"
                        + argument(REGION)
                        + ':'
                        + QueueAddress.ACCOUNT
                        + ':'
                        + topic().name();
        String until = argument(UNTIL);
        SubscriptionAttributes attributes = attributes();
        return new PushTarget(
                channel(),
                argument(ENDPOINT),
                topicArn + ':' + id(),
                topicArn,
                argument(ORIGIN),
                argument(LEAVE),
                DeliveryPolicy.of(topicPolicy, attributes.deliveryPolicy()),
                state() == State.CONFIRMED ? attributes.deadLetter() : null,
                until.isEmpty() ? null : Instant.ofEpochMilli(Long.parseLong(until)));
    }

    /// What lists tell of it.
    Tree.Fields fields(Caller caller) {
        return Tree.Fields.empty()
                .with(
                        "SubscriptionArn",
                        state() == State.PENDING ? "PendingConfirmation" : arn(caller))
                .with("Owner", QueueAddress.ACCOUNT)
                .with("Protocol", protocol())
                .with("Endpoint", endpoint(caller))
                .with("TopicArn", TopicName.arn(caller, topic()));
    }

    /// What clients see of where it leads. Passwords are not told, nor is a user who has none,
    /// whose name may be the secret.
    private String endpoint(Caller caller) {
        return isPushed()
                ? SECRET.matcher(argument(ENDPOINT)).replaceFirst("$1****@")
                : QueueAddress.arn(caller, channel());
    }

    /// All that is told of it.
    ///
    /// @param topicPolicy the text of the topic's delivery policy
    Map<String, String> shown(Caller caller, String topicPolicy) {
        Map<String, String> shown = new HashMap<>(attributes().shown());
        shown.put("SubscriptionArn", arn(caller));
        shown.put("TopicArn", TopicName.arn(caller, topic()));
        shown.put("Owner", QueueAddress.ACCOUNT);
        shown.put("Protocol", protocol());
        shown.put("Endpoint", endpoint(caller));
        shown.put("PendingConfirmation", Boolean.toString(state() == State.PENDING));
        shown.put(
                "ConfirmationWasAuthenticated",
                Boolean.toString(binding.arguments().containsKey(SIGNED)));
        shown.put("SubscriptionPrincipal", "arn:aws:iam::" + QueueAddress.ACCOUNT + ":root");
        if (isPushed()) {
            shown.put("EffectiveDeliveryPolicy", target(topicPolicy).policy().json());
        }
        return shown;
    }

    /// Whether it is the same subscription as another one, whatever version.
    boolean isSame(Subscription other) {
        return Objects.equals(binding.id(), other.binding.id());
    }
}
