package io.millstream.protocols.access;

import io.millstream.api.ChannelName;

/// Who asks, once a door knows it: what the one check at its edge is made of.
public sealed interface Principal {

    /// Everybody, where there are no users.
    Principal ANYONE = new Anyone();

    /// Somebody of whom nothing is known, where there are users.
    Principal NOBODY = new Nobody();

    /// Whether it may do this with this channel.
    boolean may(Verb verb, ChannelName channel);

    /// Whether it may do anything at all with this channel, and so may know of it.
    boolean mayAnything(ChannelName channel);

    /// Whether it may do this with some channel.
    boolean maySomewhere(Verb verb);

    /// Whether it may do this with every channel.
    boolean mayEverywhere(Verb verb);

    /// Its name in words and addresses.
    String name();

    /// Everybody, where there are no users.
    record Anyone() implements Principal {
        @Override
        public boolean may(Verb verb, ChannelName channel) {
            return true;
        }

        @Override
        public boolean mayAnything(ChannelName channel) {
            return true;
        }

        @Override
        public boolean maySomewhere(Verb verb) {
            return true;
        }

        @Override
        public boolean mayEverywhere(Verb verb) {
            return true;
        }

        @Override
        public String name() {
            return "anyone";
        }
    }

    /// Somebody of whom nothing is known, where there are users.
    record Nobody() implements Principal {
        @Override
        public boolean may(Verb verb, ChannelName channel) {
            return false;
        }

        @Override
        public boolean mayAnything(ChannelName channel) {
            return false;
        }

        @Override
        public boolean maySomewhere(Verb verb) {
            return false;
        }

        @Override
        public boolean mayEverywhere(Verb verb) {
            return false;
        }

        @Override
        public String name() {
            return "nobody";
        }
    }

    /// A user that proved who it is.
    ///
    /// @param user as it was at that moment
    record Known(User user) implements Principal {
        @Override
        public boolean may(Verb verb, ChannelName channel) {
            return user.may(verb, channel);
        }

        @Override
        public boolean mayAnything(ChannelName channel) {
            return user.mayAnything(channel);
        }

        @Override
        public boolean maySomewhere(Verb verb) {
            return user.maySomewhere(verb);
        }

        @Override
        public boolean mayEverywhere(Verb verb) {
            return user.mayEverywhere(verb);
        }

        @Override
        public String name() {
            return user.name();
        }
    }
}
