package io.millstream.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition.Binding;
import io.millstream.api.Message;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The compiled patterns match what each pattern alone matches by its definition.
class TopicTrieTest {
    private static Binding binding(String pattern) {
        return Binding.of(ChannelName.of("e"), ChannelName.of("q"), pattern);
    }

    private static List<String> matching(TopicTrie trie, String key) {
        return trie.matching(new Subject(key, Message.of(""))).stream()
                .map(one -> one.id().pattern())
                .sorted()
                .toList();
    }

    /// As the words say it: slow and obvious.
    private static boolean fits(List<String> pattern, List<String> words) {
        if (pattern.isEmpty()) {
            return words.isEmpty();
        }
        List<String> rest = pattern.subList(1, pattern.size());
        if (pattern.getFirst().equals("#")) {
            return IntStream.rangeClosed(0, words.size())
                    .anyMatch(taken -> fits(rest, words.subList(taken, words.size())));
        }
        return !words.isEmpty()
                && (pattern.getFirst().equals("*") || pattern.getFirst().equals(words.getFirst()))
                && fits(rest, words.subList(1, words.size()));
    }

    private static String text(Random random, String[] words) {
        return Stream.generate(() -> words[random.nextInt(words.length)])
                .limit(random.nextInt(7))
                .collect(Collectors.joining("."));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void it_finds_what_a_slow_look_at_each_pattern_finds(int seed) {
        Random random = new Random(seed);
        String[] inPatterns = {"a", "b", "", "*", "#", "#"};
        String[] inKeys = {"a", "b", "c", ""};
        for (int round = 0; round < 300; round++) {
            List<String> patterns = new ArrayList<>();
            for (int i = random.nextInt(1, 30); i > 0; i--) {
                patterns.add(text(random, inPatterns));
            }
            TopicTrie trie = new TopicTrie(patterns.stream().map(TopicTrieTest::binding).toList());
            for (int i = 0; i < 20; i++) {
                String key = text(random, inKeys);
                List<String> expected =
                        patterns.stream()
                                .filter(one -> fits(TopicTrie.words(one), TopicTrie.words(key)))
                                .sorted()
                                .toList();
                assertThat(matching(trie, key)).as("%s in %s", key, patterns).isEqualTo(expected);
            }
        }
    }

    @Test
    void many_hashes_in_a_pattern_cost_no_more_than_words_times_nodes() {
        String hashes = Stream.generate(() -> "#.a").limit(200).collect(Collectors.joining("."));
        TopicTrie trie = new TopicTrie(List.of(binding(hashes + ".b")));
        String key = Stream.generate(() -> "a").limit(1000).collect(Collectors.joining("."));

        assertThat(matching(trie, key)).isEmpty();
        assertThat(matching(trie, key + ".b")).containsExactly(hashes + ".b");
    }

    @Test
    void an_empty_key_has_no_words() {
        TopicTrie trie = new TopicTrie(List.of(binding("#"), binding(""), binding("*")));

        assertThat(matching(trie, "")).containsExactly("", "#");
        assertThat(matching(trie, ".")).containsExactly("#");
    }
}
