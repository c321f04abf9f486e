package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value in a request or an answer, the same in both protocols.
///
/// Names of XML elements stand in the tree because the query protocol flattens lists and maps: each
/// item is an element of its own, in the singular. On the way in they are empty.
public sealed interface Tree {

    /// The only value of [Nothing].
    Nothing NOTHING = new Nothing();

    /// The answer of an action that has none: no body in JSON, no result element in XML.
    record Nothing() implements Tree {}

    /// A text; binary values travel as their base64 text.
    ///
    /// @param value the text
    record Text(String value) implements Tree {}

    /// A whole number.
    ///
    /// @param value the number
    record Whole(long value) implements Tree {}

    /// A truth value.
    ///
    /// @param value the value
    record Flag(boolean value) implements Tree {}

    /// A structure; on the way in also a map.
    ///
    /// @param members by name, in order
    record Fields(Map<String, Tree> members) implements Tree {

        /// An empty structure to be filled.
        public static Fields empty() {
            return new Fields(new LinkedHashMap<>());
        }

        /// Adds a text unless it is null.
        public Fields with(String name, @Nullable String text) {
            return text == null ? this : with(name, new Text(text));
        }

        /// Adds a member.
        public Fields with(String name, Tree value) {
            members.put(name, value);
            return this;
        }
    }

    /// A list.
    ///
    /// @param element the name of each item's XML element
    /// @param items in order
    record Items(String element, List<Tree> items) implements Tree {

        /// An empty list to be filled.
        public static Items of(String element) {
            return new Items(element, new ArrayList<>());
        }
    }

    /// A map of an answer.
    ///
    /// @param element the name of each entry's XML element
    /// @param key the name of the element that holds the key
    /// @param value the name of the element that holds the value
    /// @param rows the entries, in order
    record Table(String element, String key, String value, Map<String, Tree> rows) implements Tree {

        /// An empty map to be filled, whose entries are written as `Name` and `Value`.
        public static Table of(String element) {
            return new Table(element, "Name", "Value", new LinkedHashMap<>());
        }
    }
}
