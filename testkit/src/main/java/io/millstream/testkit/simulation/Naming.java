package io.millstream.testkit.simulation;

import java.util.Map;
import java.util.Objects;

/// A change of a directory, kept until it is known to be durable.
sealed interface Naming {

    void apply(Map<String, Inode> names);

    record Create(String name, Inode inode) implements Naming {
        @Override
        public void apply(Map<String, Inode> names) {
            names.put(name, inode);
        }
    }

    record Rename(String from, String to) implements Naming {
        @Override
        public void apply(Map<String, Inode> names) {
            names.put(to, Objects.requireNonNull(names.remove(from)));
        }
    }

    record Delete(String name) implements Naming {
        @Override
        public void apply(Map<String, Inode> names) {
            names.remove(name);
        }
    }
}
