package io.millstream.server.client;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.util.List;

/// What commands and options are made of. Values are texts: [Typed] reads them, and says in one way
/// what is wrong with them.
final class Specs {
    static final String SERVER = "--server";
    static final String JSON = "--json";

    private Specs() {}

    /// A command of a server.
    ///
    /// @param reader of what was typed after its name
    static Verb verb(String name, String description, Verb.Reader reader) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(reader).name(name);
        spec.usageMessage().description(description).sortOptions(false);
        spec.usageMessage().abbreviateSynopsis(true);
        return new Verb(spec, reader);
    }

    static OptionSpec server() {
        return text("URL", "The server. Default: " + ServerAddress.USUAL, SERVER);
    }

    static OptionSpec json() {
        return flag("Print one JSON object a line.", JSON);
    }

    static OptionSpec text(String label, String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .paramLabel(label)
                .type(String.class)
                .arity("1")
                .description(description)
                .build();
    }

    static OptionSpec texts(String label, String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .description(description)
                .build();
    }

    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names[0], rest(names))
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    private static String[] rest(String... names) {
        return List.of(names).subList(1, names.length).toArray(String[]::new);
    }

    /// What has to be typed at a place, counted from 0.
    static PositionalParamSpec word(int index, String label, String description) {
        return place(index, "1", label, description);
    }

    /// What may be typed at a place.
    static PositionalParamSpec maybe(int index, String label, String description) {
        return place(index, "0..1", label, description);
    }

    private static PositionalParamSpec place(
            int index, String arity, String label, String description) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .type(String.class)
                .index(Integer.toString(index))
                .arity(arity)
                .required(arity.equals("1"))
                .description(description)
                .build();
    }

    /// One or more words.
    static PositionalParamSpec words(String label, String description) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .index("0..*")
                .arity("1..*")
                .required(true)
                .description(description)
                .build();
    }
}
