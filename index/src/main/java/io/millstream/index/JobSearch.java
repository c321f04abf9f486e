package io.millstream.index;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// What jobs are asked for: those of which all that is said here holds.
///
/// ```java
/// JobSearch.ALL.state(IndexedState.DEAD).queue("mail").error("timeout connect*")
/// ```
///
/// @param states in one of these; empty for any
/// @param type of this type, or null
/// @param queue in this queue, or null
/// @param tag with this tag, or null
/// @param id with this id, or null
/// @param key with this key, or null
/// @param fingerprint that failed last with this fingerprint, or null
/// @param error with all these words in what went wrong last, or in why they ended: separated by
///   spaces, in any order and case; the end of a word may be left open, `connect*`. Null for any
/// @param since submitted then or later, or null
/// @param before submitted earlier, or null
/// @param oldestFirst whether the oldest come first, and not the newest
/// @param after where the last page ended, [FoundJobs#next], or null for the first
/// @param limit how many at most, 1 to [#LIMIT_MAX]
public record JobSearch(
        Set<IndexedState> states,
        @Nullable String type,
        @Nullable ChannelName queue,
        @Nullable String tag,
        @Nullable String id,
        @Nullable String key,
        @Nullable String fingerprint,
        @Nullable String error,
        @Nullable Instant since,
        @Nullable Instant before,
        boolean oldestFirst,
        @Nullable String after,
        int limit) {
    /// The most jobs of one page.
    public static final int LIMIT_MAX = 1000;

    private static final Pattern PAGE_END = Pattern.compile("[0-9]{1,18}");

    /// All jobs, the newest first, 100 a page.
    public static final JobSearch ALL =
            new JobSearch(
                    Set.of(), null, null, null, null, null, null, null, null, null, false, null,
                    100);

    /// Copies the states, and refuses what cannot be asked for.
    ///
    /// @throws IllegalArgumentException which says what is wrong
    public JobSearch {
        states = Set.copyOf(states);
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException(
                    "A page has 1 to %d jobs, not %d".formatted(LIMIT_MAX, limit));
        }
        if (after != null && !isPageEnd(after)) {
            throw new IllegalArgumentException("No page of a search has ended at that");
        }
        if (error != null) {
            Words.of(error);
        }
    }

    /// Whether a page of a search may have ended there: [FoundJobs#next].
    public static boolean isPageEnd(String after) {
        return PAGE_END.matcher(after).matches();
    }

    /// What a search is while one thing of it is said otherwise.
    private static final class Draft {
        private Set<IndexedState> states;
        private @Nullable String type;
        private @Nullable ChannelName queue;
        private @Nullable String tag;
        private @Nullable String id;
        private @Nullable String key;
        private @Nullable String fingerprint;
        private @Nullable String error;
        private @Nullable Instant since;
        private @Nullable Instant before;
        private boolean oldestFirst;
        private @Nullable String after;
        private int limit;

        Draft(JobSearch of) {
            states = of.states;
            type = of.type;
            queue = of.queue;
            tag = of.tag;
            id = of.id;
            key = of.key;
            fingerprint = of.fingerprint;
            error = of.error;
            since = of.since;
            before = of.before;
            oldestFirst = of.oldestFirst;
            after = of.after;
            limit = of.limit;
        }

        JobSearch search() {
            return new JobSearch(
                    states,
                    type,
                    queue,
                    tag,
                    id,
                    key,
                    fingerprint,
                    error,
                    since,
                    before,
                    oldestFirst,
                    after,
                    limit);
        }
    }

    private JobSearch with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.search();
    }

    /// The same in one of these states.
    public JobSearch state(IndexedState... states) {
        Set<IndexedState> all = EnumSet.noneOf(IndexedState.class);
        all.addAll(List.of(states));
        return with(draft -> draft.states = all);
    }

    /// The same of this type, with its version from 2 on: `mail.send#2`.
    public JobSearch type(String type) {
        return with(draft -> draft.type = type);
    }

    /// The same in this queue of the default virtual host.
    public JobSearch queue(String queue) {
        return with(draft -> draft.queue = ChannelName.of(queue));
    }

    /// The same with this tag.
    public JobSearch tag(String tag) {
        return with(draft -> draft.tag = tag);
    }

    /// The same with this id.
    public JobSearch id(String id) {
        return with(draft -> draft.id = id);
    }

    /// The same with this key.
    public JobSearch key(String key) {
        return with(draft -> draft.key = key);
    }

    /// The same that failed last with this fingerprint.
    public JobSearch fingerprint(String fingerprint) {
        return with(draft -> draft.fingerprint = fingerprint);
    }

    /// The same with all these words in what went wrong.
    ///
    /// @throws IllegalArgumentException if there is no word in it, or the beginning of one is too
    ///   short
    public JobSearch error(String error) {
        return with(draft -> draft.error = error);
    }

    /// The same, submitted in this time; null for no bound.
    public JobSearch between(@Nullable Instant since, @Nullable Instant before) {
        return with(draft -> {
            draft.since = since;
            draft.before = before;
        });
    }

    /// The same, the oldest first.
    public JobSearch fromOldest() {
        return with(draft -> draft.oldestFirst = true);
    }

    /// The same from where a page ended; null for the first page.
    public JobSearch after(@Nullable String after) {
        return with(draft -> draft.after = after);
    }

    /// The same with so many a page.
    public JobSearch limit(int limit) {
        return with(draft -> draft.limit = limit);
    }
}
