package io.millstream.engine.route;

import io.millstream.api.Definition.Binding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The patterns of a topic exchange, compiled: a node for each word of a pattern, `*` and `#` among
/// them.
///
/// A key goes through it word by word with the set of nodes that its words so far may have led to,
/// so its cost is bounded by words times nodes, however many `#` there are.
final class TopicTrie {
    private final Node root = new Node(false);

    private static final class Node {
        /// Whether it is behind a `#`, which takes any word and stays.
        private final boolean stays;

        private final Map<String, Node> words = new HashMap<>(2);
        private Node star;
        private Node hash;
        private final List<Binding> bindings = new ArrayList<>(1);

        Node(boolean stays) {
            this.stays = stays;
            this.star = this;
            this.hash = this;
        }

        /// Itself stands for none.
        private boolean hasStar() {
            return star != this;
        }

        private boolean hasHash() {
            return hash != this;
        }
    }

    TopicTrie(Collection<Binding> bindings) {
        for (Binding binding : bindings) {
            Node node = root;
            for (String word : words(binding.id().pattern())) {
                node = child(node, word);
            }
            node.bindings.add(binding);
        }
    }

    private static Node child(Node node, String word) {
        return switch (word) {
            case "*" -> {
                if (!node.hasStar()) {
                    node.star = new Node(false);
                }
                yield node.star;
            }
            case "#" -> {
                // A second one in a row takes nothing that the first does not.
                if (!node.stays && !node.hasHash()) {
                    node.hash = new Node(true);
                }
                yield node.stays ? node : node.hash;
            }
            default -> node.words.computeIfAbsent(word, _ -> new Node(false));
        };
    }

    /// The words of a key; an empty one has none.
    static List<String> words(String key) {
        if (key.isEmpty()) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', start)) {
            words.add(key.substring(start, dot));
            start = dot + 1;
        }
        words.add(key.substring(start));
        return words;
    }

    /// The bindings whose patterns fit the routing key of a message, in no order.
    List<Binding> matching(Subject subject) {
        Set<Node> nodes = new LinkedHashSet<>();
        reach(root, nodes);
        for (String word : words(subject.key())) {
            Set<Node> next = new LinkedHashSet<>();
            if (!subject.mayCompare(nodes.size())) {
                return List.of();
            }
            for (Node node : nodes) {
                if (node.stays) {
                    reach(node, next);
                }
                if (node.hasStar()) {
                    reach(node.star, next);
                }
                Node exact = node.words.get(word);
                if (exact != null) {
                    reach(exact, next);
                }
            }
            nodes = next;
        }
        List<Binding> found = new ArrayList<>();
        nodes.forEach(node -> found.addAll(node.bindings));
        return found;
    }

    /// A `#` may stand for no word.
    private static void reach(Node node, Set<Node> nodes) {
        if (nodes.add(node) && node.hasHash()) {
            reach(node.hash, nodes);
        }
    }
}
