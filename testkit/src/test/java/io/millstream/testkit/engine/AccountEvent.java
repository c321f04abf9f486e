package io.millstream.testkit.engine;

import io.millstream.Codec;
import io.millstream.api.Bytes;

/// What can happen to an account: events as a program would declare them.
sealed interface AccountEvent {

    /// Its place among the events of its account, as whoever decided it says.
    long version();

    /// Names it, also if it is published twice.
    String id();

    record Deposited(long version, String id, long amount) implements AccountEvent {}

    record Withdrawn(long version, String id, long amount) implements AccountEvent {}

    record Renamed(long version, String id, String owner) implements AccountEvent {}

    /// Each record under a name of its own, its fields separated by commas.
    static Codec<AccountEvent> codec() {
        return new Codec<>() {
            @Override
            public String contentType() {
                return "text/csv";
            }

            @Override
            public String typeOf(AccountEvent event) {
                return switch (event) {
                    case Deposited d -> "account.deposited";
                    case Withdrawn w -> "account.withdrawn";
                    case Renamed r -> "account.renamed";
                };
            }

            @Override
            public Bytes encode(AccountEvent event) {
                String last =
                        switch (event) {
                            case Deposited(long version, String id, long amount) -> "" + amount;
                            case Withdrawn(long version, String id, long amount) -> "" + amount;
                            case Renamed(long version, String id, String owner) -> owner;
                        };
                return Bytes.utf8(event.version() + "," + event.id() + "," + last);
            }

            @Override
            public AccountEvent decode(Bytes body, String type) {
                String[] fields = body.utf8().split(",", 3);
                long version = Long.parseLong(fields[0]);
                return switch (type) {
                    case "account.deposited" ->
                            new Deposited(version, fields[1], Long.parseLong(fields[2]));
                    case "account.withdrawn" ->
                            new Withdrawn(version, fields[1], Long.parseLong(fields[2]));
                    case "account.renamed" -> new Renamed(version, fields[1], fields[2]);
                    default -> throw new IllegalArgumentException("No such event: " + type);
                };
            }
        };
    }
}
