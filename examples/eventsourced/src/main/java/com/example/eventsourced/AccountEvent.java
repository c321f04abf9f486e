package com.example.eventsourced;

import io.millstream.Codec;
import io.millstream.api.Bytes;

/// What has happened to an account. It is never changed and never deleted: an account *is* these.
sealed interface AccountEvent {

    /// It was opened with so much.
    record Opened(long cents) implements AccountEvent {}

    /// So much left it for another account.
    ///
    /// @param transfer names the transfer
    record Sent(String transfer, String to, long cents) implements AccountEvent {}

    /// So much came from another account.
    ///
    /// @param transfer names the transfer
    record Received(String transfer, String from, long cents) implements AccountEvent {}

    /// The name of each event and its members, separated by spaces.
    Codec<AccountEvent> CODEC =
            new Codec<>() {
                @Override
                public String contentType() {
                    return "text/plain; charset=utf-8";
                }

                @Override
                public String typeOf(AccountEvent event) {
                    return switch (event) {
                        case Opened _ -> "account.opened";
                        case Sent _ -> "account.sent";
                        case Received _ -> "account.received";
                    };
                }

                @Override
                public Bytes encode(AccountEvent event) {
                    return Bytes.utf8(
                            switch (event) {
                                case Opened(long cents) -> "" + cents;
                                case Sent(String transfer, String to, long cents) ->
                                        transfer + " " + to + " " + cents;
                                case Received(String transfer, String from, long cents) ->
                                        transfer + " " + from + " " + cents;
                            });
                }

                @Override
                public AccountEvent decode(Bytes body, String type) {
                    String[] parts = body.utf8().split(" ");
                    return switch (type) {
                        case "account.opened" -> new Opened(Long.parseLong(parts[0]));
                        case "account.sent" ->
                                new Sent(parts[0], parts[1], Long.parseLong(parts[2]));
                        case "account.received" ->
                                new Received(parts[0], parts[1], Long.parseLong(parts[2]));
                        default -> throw new IllegalArgumentException("No event: " + type);
                    };
                }
            };
}
