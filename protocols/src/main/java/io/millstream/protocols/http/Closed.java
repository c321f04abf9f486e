package io.millstream.protocols.http;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.View;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What nobody reaches over the API, whatever is granted: what the server keeps for itself, and
/// with it every secret that it has. This is the one list.
final class Closed {
    /// Tables of which it is all: users, the keys that signatures are made with, and what the other
    /// protocols note, which they take at its word.
    private static final List<String> TABLES = List.of("millstream.users", "aws");

    private static final List<String> TABLE_BEGINNINGS =
            List.of("millstream.", "aws.", "sqs.", "sns.");

    /// Virtual hosts with the queues of HTTP endpoints, whose definitions hold addresses and
    /// tokens, and with the archives of topics.
    private static final String HOST_BEGINNING = "aws.";

    /// Arguments of bindings that are subscriptions of SNS: addresses with passwords and the tokens
    /// by which they are confirmed and ended.
    private static final String ARGUMENT_BEGINNING = "sns.";

    private Closed() {}

    /// Whether a table is the server's own.
    static boolean isTable(String table) {
        return TABLES.contains(table) || TABLE_BEGINNINGS.stream().anyMatch(table::startsWith);
    }

    /// Whether a channel is the server's own.
    static boolean isChannel(ChannelName name) {
        return isHost(name.host());
    }

    /// Whether a virtual host is the server's own.
    static boolean isHost(String host) {
        return host.startsWith(HOST_BEGINNING);
    }

    /// That a table is.
    static String tableIs(String table) {
        return "The table "
                + table
                + " is the server's own and cannot be reached over HTTP, by nobody. Use another"
                + " table; users are changed at /api/v1/users.";
    }

    /// That a virtual host is.
    static String hostIs(String host) {
        return "The virtual host "
                + host
                + " is the server's own and cannot be reached over HTTP, by nobody. Use another"
                + " host.";
    }

    /// Whether a binding is somebody's subscription, which only SNS makes and changes.
    static boolean isSubscription(Definition.Binding binding) {
        return binding.arguments().keySet().stream()
                .anyMatch(name -> name.startsWith(ARGUMENT_BEGINNING));
    }

    /// That a binding is.
    static final String SUBSCRIPTION =
            "Arguments that begin with sns. make a binding a subscription of SNS, which only SNS"
                    + " makes. Leave them out, or subscribe with a client of SNS.";

    /// The same without what nobody is shown.
    static View.BindingView shown(View.BindingView view) {
        if (!isSubscription(view.definition())) {
            return view;
        }
        Map<String, String> arguments = new HashMap<>(view.definition().arguments());
        arguments.keySet().removeIf(name -> name.startsWith(ARGUMENT_BEGINNING));
        return new View.BindingView(view.definition().withArguments(arguments), view.version());
    }
}
