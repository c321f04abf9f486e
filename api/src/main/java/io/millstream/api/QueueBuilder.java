package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;

/// Builds a [Definition.Queue]; not for use by several threads. What is not said is as in
/// [Definition.Queue#of].
public final class QueueBuilder {
    final ChannelName name;
    int maxAttempts;
    @Nullable BackOff backOff;
    @Nullable ChannelName deadLetter;
    int maxInFlight = Definition.Queue.MAX_IN_FLIGHT;
    Groups groups = Groups.ORDERED;
    Map<String, Integer> weights = Map.of();
    boolean typed;
    Limits limits = Limits.NONE;
    @Nullable Duration ageing;
    @Nullable Deduplication deduplication;
    Capacity capacity = Capacity.UNLIMITED;
    long messageBytesMax;
    @Nullable Duration retention;
    @Nullable Duration timeToLive;
    @Nullable Duration unusedFor;
    @Nullable Duration keepSettled;
    boolean singleActive;
    boolean paused;
    @Nullable ChannelName lifecycle;
    Map<String, String> arguments = Map.of();

    QueueBuilder(ChannelName name) {
        this.name = name;
    }

    /// See [Definition.Queue#maxAttempts].
    public QueueBuilder maxAttempts(int maxAttempts) {
        this.maxAttempts = maxAttempts;
        return this;
    }

    /// See [Definition.Queue#backOff].
    public QueueBuilder backOff(@Nullable BackOff backOff) {
        this.backOff = backOff;
        return this;
    }

    /// See [Definition.Queue#deadLetter].
    public QueueBuilder deadLetter(@Nullable ChannelName deadLetter) {
        this.deadLetter = deadLetter;
        return this;
    }

    /// See [Definition.Queue#maxInFlight].
    public QueueBuilder maxInFlight(int maxInFlight) {
        this.maxInFlight = maxInFlight;
        return this;
    }

    /// See [Definition.Queue#groups].
    public QueueBuilder groups(Groups groups) {
        this.groups = groups;
        return this;
    }

    /// See [Definition.Queue#weights].
    public QueueBuilder weights(Map<String, Integer> weights) {
        this.weights = weights;
        return this;
    }

    /// See [Definition.Queue#typed].
    public QueueBuilder typed(boolean typed) {
        this.typed = typed;
        return this;
    }

    /// See [Definition.Queue#limits].
    public QueueBuilder limits(Limits limits) {
        this.limits = limits;
        return this;
    }

    /// See [Definition.Queue#ageing].
    public QueueBuilder ageing(@Nullable Duration ageing) {
        this.ageing = ageing;
        return this;
    }

    /// See [Definition.Queue#deduplication].
    public QueueBuilder deduplication(@Nullable Deduplication deduplication) {
        this.deduplication = deduplication;
        return this;
    }

    /// See [Definition.Queue#capacity].
    public QueueBuilder capacity(Capacity capacity) {
        this.capacity = capacity;
        return this;
    }

    /// See [Definition.Queue#messageBytesMax].
    public QueueBuilder messageBytesMax(long messageBytesMax) {
        this.messageBytesMax = messageBytesMax;
        return this;
    }

    /// See [Definition.Queue#retention].
    public QueueBuilder retention(@Nullable Duration retention) {
        this.retention = retention;
        return this;
    }

    /// See [Definition.Queue#timeToLive].
    public QueueBuilder timeToLive(@Nullable Duration timeToLive) {
        this.timeToLive = timeToLive;
        return this;
    }

    /// See [Definition.Queue#unusedFor].
    public QueueBuilder unusedFor(@Nullable Duration unusedFor) {
        this.unusedFor = unusedFor;
        return this;
    }

    /// See [Definition.Queue#keepSettled].
    public QueueBuilder keepSettled(@Nullable Duration keepSettled) {
        this.keepSettled = keepSettled;
        return this;
    }

    /// See [Definition.Queue#singleActive].
    public QueueBuilder singleActive(boolean singleActive) {
        this.singleActive = singleActive;
        return this;
    }

    /// See [Definition.Queue#paused].
    public QueueBuilder paused(boolean paused) {
        this.paused = paused;
        return this;
    }

    /// See [Definition.Queue#lifecycle].
    public QueueBuilder lifecycle(@Nullable ChannelName lifecycle) {
        this.lifecycle = lifecycle;
        return this;
    }

    /// See [Definition.Queue#arguments].
    public QueueBuilder arguments(Map<String, String> arguments) {
        this.arguments = arguments;
        return this;
    }

    /// The definition.
    public Definition.Queue build() {
        return new Definition.Queue(
                name,
                maxAttempts,
                backOff,
                deadLetter,
                maxInFlight,
                groups,
                weights,
                typed,
                limits,
                ageing,
                deduplication,
                capacity,
                messageBytesMax,
                retention,
                timeToLive,
                unusedFor,
                keepSettled,
                singleActive,
                paused,
                lifecycle,
                arguments);
    }
}
