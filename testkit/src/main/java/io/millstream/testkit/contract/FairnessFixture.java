package io.millstream.testkit.contract;

import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Operation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What the contracts of queues whose groups share them have in common.
public abstract class FairnessFixture extends CombinationFixture {

    final void shareMail(Groups groups, Map<String, Integer> weights) {
        defineMail(queue -> queue.groups(groups).weights(weights));
    }

    /// Puts so many messages of a group in one commit, `-` for none, numbered from `first`.
    final void putMany(String group, int first, int count) {
        Operation[] puts =
                IntStream.range(first, first + count)
                        .mapToObj(i -> group + i)
                        .map(text ->
                                group.equals("-")
                                        ? putting(mail, text)
                                        : putting(mail, grouped(group, text)))
                        .toArray(Operation[]::new);
        commit(puts);
    }

    /// Takes and finishes so many, each before the next one is taken.
    final List<String> takeOneByOne(int messages) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            Lease lease = takeNow(mail, 1).getFirst();
            texts.add(lease.message().text());
            finish(lease);
        }
        return texts;
    }

    static long countOf(List<String> texts, String group) {
        return texts.stream().filter(text -> text.startsWith(group)).count();
    }
}
