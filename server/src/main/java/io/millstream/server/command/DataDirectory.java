package io.millstream.server.command;

import io.millstream.engine.io.FileDisk;
import io.millstream.engine.log.DirectoryFormat;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.nio.file.Path;

/// The data directory that a command was told, held with its lock, so that no server is at work in
/// it. Never made.
record DataDirectory(FileDisk disk, String typed) implements AutoCloseable {

    static DataDirectory take(ParseResult command, Surroundings surroundings) throws IOException {
        String typed = command.matchedPositionalValue(0, "");
        Path path = surroundings.workingDirectory().resolve(typed);
        FileDisk disk = FileDisk.existing(path);
        if (!DirectoryFormat.isLikely(disk.list())) {
            throw new IOException(
                    ("%s is not a Millstream data directory: it holds none of its files. Nothing"
                                    + " was changed.")
                            .formatted(disk.describe()));
        }
        disk.lock();
        return new DataDirectory(disk, typed);
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
