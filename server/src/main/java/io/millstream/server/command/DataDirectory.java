package io.millstream.server.command;

import io.millstream.engine.io.FileDisk;
import io.millstream.engine.log.DirectoryFormat;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;

/// The data directory that a command was told, held with its lock, so that no server is at work in
/// it. Never made.
record DataDirectory(FileDisk disk, String typed) implements AutoCloseable {

    /// One that will be changed.
    static DataDirectory take(ParseResult command, Surroundings surroundings) throws IOException {
        String typed = command.matchedPositionalValue(0, "");
        FileDisk disk = FileDisk.existing(surroundings.workingDirectory().resolve(typed));
        requireOurs(disk);
        disk.lock();
        return new DataDirectory(disk, typed);
    }

    /// One that is only looked at, and may be read-only. If it is, and a server could be at work in
    /// it unseen, that is said.
    static DataDirectory look(ParseResult command, Surroundings surroundings) throws IOException {
        String typed = command.matchedPositionalValue(0, "");
        FileDisk disk = FileDisk.toRead(surroundings.workingDirectory().resolve(typed));
        requireOurs(disk);
        if (!disk.lockToRead()) {
            surroundings
                    .err()
                    .println(
                            ("millstream: %s is read-only here and has no LOCK that can be taken."
                                            + " If a server is at work in it, what follows may be"
                                            + " wrong.")
                                    .formatted(disk.describe()));
        }
        return new DataDirectory(disk, typed);
    }

    private static void requireOurs(FileDisk disk) throws IOException {
        if (!DirectoryFormat.isLikely(disk.list())) {
            throw new IOException(
                    ("%s is not a Millstream data directory: it holds none of its files. Nothing"
                                    + " was changed.")
                            .formatted(disk.describe()));
        }
    }

    static CommandSpec spec(String name, String description, String... footer) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description).footer(footer).sortOptions(false);
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("DIR")
                        .type(String.class)
                        .index("0")
                        .arity("1")
                        .required(true)
                        .description("The data directory. No server may be at work in it.")
                        .build());
        return spec;
    }

    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
