package io.millstream.api;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Numbers a commit, so that it may be sent again when its answer was lost, and happens once.
///
/// A sender numbers its commits upwards and sends them in that order; gaps are allowed. Whoever
/// sends the same id again gets the first one's receipt, whole, whatever has happened since and
/// whatever the operations say now: they are not looked at. Refusals are remembered as well, so
/// that a list that is sent again comes to what it came to the first time. Where
/// [Feature#COMMIT_IDS] is supported, receipts are remembered as durably as what they tell, in the
/// same step.
///
/// **Only [Refusal.Busy] is not remembered.** It says that the commit has not been done, and the
/// same id may be sent again. Once a later number of its sender has been answered with anything
/// else, it never will be done, is refused as busy for ever, and needs a number of its own.
///
/// **What is forgotten.** The receipts of numbers below `from` are, with the next commit of their
/// sender that is not a repetition. Asking for them is refused with [Refusal.Invalid], because
/// nobody knows any more. A sender is forgotten [#REMEMBERED_FOR] after its last commit that was
/// not a repetition, and what it sends then is decided anew: so who has sent something again for so
/// long and not been answered gives up. Time in which the store was not open does not count.
///
/// **What is remembered is bounded.** A commit with an id is refused as busy where its sender has
/// [#ANSWERS_MAX] receipts that it may still ask for, or where a backend has no room for more of
/// them; nothing is forgotten early. A sender that waits for its answers, and says so by `from`,
/// needs a handful.
///
/// @param sender who numbers its commits, 1 to 255 characters. Whoever knows it can ask for its
///   receipts and use up its numbers, so it is best drawn at random, with 128 bits. It is for one
///   process, and for as long as that lasts: one that begins anew draws another
/// @param number 0 or more, and more than that of every commit that this sender sent before
/// @param from the lowest number whose receipt this sender may still ask for, at most `number`;
///   best the lowest one that has not been answered yet
public record CommitId(String sender, long number, long from) {

    /// How long a sender is remembered after its last commit.
    public static final Duration REMEMBERED_FOR = Duration.ofMinutes(10);

    /// How many receipts are remembered for one sender at most.
    public static final int ANSWERS_MAX = 10_000;

    /// The longest name of a sender, in characters.
    public static final int SENDER_CHARS_MAX = 255;

    /// Refuses what is out of bounds, and half of a surrogate pair, which no disk keeps.
    public CommitId {
        if (sender.isEmpty() || sender.length() > SENDER_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "A sender has 1 to %d characters, not %d"
                            .formatted(SENDER_CHARS_MAX, sender.length()));
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(sender)) {
            throw new IllegalArgumentException(
                    "A sender's name has half of a surrogate pair. Give it whole characters");
        }
        if (from < 0 || number < from) {
            throw new IllegalArgumentException(
                    "A commit's number is 0 or more and at least as high as the number from which"
                            + " on its sender may ask, not %d and %d".formatted(number, from));
        }
    }

    /// The id of the only commit of its sender.
    ///
    /// @param value as a sender is named
    public static CommitId of(String value) {
        return new CommitId(value, 0, 0);
    }

    /// Why it is refused if it was given up.
    ///
    /// @param kept the lowest number whose receipt may still be there
    public Refusal.Invalid forgotten(long kept) {
        return new Refusal.Invalid(
                "Sender %s has said that it will not ask for receipts below number %d, so nobody"
                                .formatted(sender, kept)
                        + " knows whether number %d was done. Ask from lower numbers on."
                                .formatted(number));
    }

    /// Why it is refused if a later one was done first.
    ///
    /// @param highest the highest number that was answered
    public Refusal.Busy passedOver(long highest) {
        return new Refusal.Busy(
                "Number %d of sender %s was not done and will not be, because number %d came after"
                                .formatted(number, sender, highest)
                        + " it. Send it with a number of its own.");
    }

    /// Why it is refused if its sender asks from too low a number on.
    public Refusal.Busy tooMany() {
        return new Refusal.Busy(
                "Sender %s may still ask for %d receipts, the most that are remembered. Wait for"
                                .formatted(sender, ANSWERS_MAX)
                        + " answers and ask from higher numbers on, then send it again.");
    }
}
