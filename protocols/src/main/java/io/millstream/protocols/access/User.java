package io.millstream.protocols.access;

import io.millstream.api.ChannelName;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Somebody who may come in. Shows no secret in [#toString()].
///
/// @param name 1 to 64 letters, digits, dots, hyphens and underscores
/// @param verifiers how it proves who it is; one password at most
/// @param grants what it may do
public record User(String name, List<Verifier> verifiers, List<Grant> grants) {
    /// The most verifiers of one user.
    public static final int VERIFIERS_MAX = 10;

    /// The most grants of one user.
    public static final int GRANTS_MAX = 100;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /// Copies the lists and refuses what is out of bounds.
    public User {
        verifiers = List.copyOf(verifiers);
        grants = List.copyOf(grants);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "A user's name has 1 to 64 letters, digits, dots, hyphens and underscores, and"
                            + " begins with a letter or digit.");
        }
        if (verifiers.size() > VERIFIERS_MAX || grants.size() > GRANTS_MAX) {
            throw new IllegalArgumentException(
                    "A user has at most "
                            + VERIFIERS_MAX
                            + " passwords and keys, and "
                            + GRANTS_MAX
                            + " grants.");
        }
    }

    /// A user that can do nothing yet.
    public static User named(String name) {
        return new User(name, List.of(), List.of());
    }

    /// The same with these grants and no others.
    public User withGrants(List<Grant> others) {
        return new User(name, verifiers, others);
    }

    /// The same with this password in place of an earlier one.
    public User withPassword(Verifier.Password password) {
        List<Verifier> others = new ArrayList<>(verifiers);
        others.removeIf(Verifier.Password.class::isInstance);
        others.add(password);
        return new User(name, others, grants);
    }

    /// The same with one more key.
    public User withKey(Verifier.AwsKey key) {
        List<Verifier> more = new ArrayList<>(verifiers);
        more.add(key);
        return new User(name, more, grants);
    }

    /// The same without the key of this id.
    public User withoutKey(String id) {
        List<Verifier> others = new ArrayList<>(verifiers);
        others.removeIf(verifier -> verifier instanceof Verifier.AwsKey key && key.id().equals(id));
        return new User(name, others, grants);
    }

    /// Its password's verifier.
    public Optional<Verifier.Password> password() {
        return verifiers.stream()
                .filter(Verifier.Password.class::isInstance)
                .map(Verifier.Password.class::cast)
                .findFirst();
    }

    /// Its AWS keys.
    public List<Verifier.AwsKey> keys() {
        return verifiers.stream()
                .filter(Verifier.AwsKey.class::isInstance)
                .map(Verifier.AwsKey.class::cast)
                .toList();
    }

    boolean may(Verb verb, ChannelName channel) {
        return grants.stream()
                .anyMatch(grant -> grant.verbs().contains(verb) && grant.covers(channel));
    }

    boolean mayAnything(ChannelName channel) {
        return grants.stream().anyMatch(grant -> grant.covers(channel));
    }

    boolean maySomewhere(Verb verb) {
        return grants.stream().anyMatch(grant -> grant.verbs().contains(verb));
    }

    boolean mayEverywhere(Verb verb) {
        return grants.stream()
                .anyMatch(grant -> grant.verbs().contains(verb) && grant.isEverywhere());
    }
}
