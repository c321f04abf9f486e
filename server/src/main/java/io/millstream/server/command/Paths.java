package io.millstream.server.command;

import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

import java.nio.file.Path;
import java.util.List;

/// The paths that a command was told, in their order.
record Paths(List<Path> all) {

    /// @param count how many the command needs
    /// @param which what they are, for whoever gave another number of them
    static Paths of(ParseResult typed, Surroundings surroundings, int count, String which) {
        List<String> paths = typed.matchedPositionalValue(0, List.of());
        if (paths.size() != count) {
            throw new ParameterException(
                    typed.commandSpec().commandLine(),
                    "%s needs %s, and nothing else".formatted(typed.commandSpec().name(), which));
        }
        Path home = surroundings.workingDirectory().toAbsolutePath();
        return new Paths(paths.stream().map(home::resolve).toList());
    }

    static PositionalParamSpec spec() {
        return PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .hidden(true)
                .build();
    }

    Path get(int index) {
        return all.get(index);
    }
}
