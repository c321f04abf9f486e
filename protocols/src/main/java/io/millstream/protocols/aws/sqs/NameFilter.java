package io.millstream.protocols.aws.sqs;

import java.util.List;

/// Which message attributes a receiver asked for: names, `All` or `.*`, and `prefix.*`.
///
/// @param patterns as given
record NameFilter(List<String> patterns) {
    boolean isEmpty() {
        return patterns.isEmpty();
    }

    boolean matches(String name) {
        for (String pattern : patterns) {
            boolean matches =
                    pattern.equals("All")
                            || (pattern.endsWith(".*")
                                    ? name.startsWith(pattern.substring(0, pattern.length() - 2))
                                    : name.equals(pattern));
            if (matches) {
                return true;
            }
        }
        return false;
    }
}
