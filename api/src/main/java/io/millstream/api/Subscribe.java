package io.millstream.api;

/// What a consumer asks for.
///
/// @param queue from where
/// @param term how long its leases last
/// @param credit its window
/// @param priority a higher one is served first while it has credit; equal ones in turn
/// @param exclusive whether nobody else may consume or take from the queue meanwhile. Refused with
///   [Refusal.Invalid] if somebody consumes from it; takes that wait are refused when it begins
/// @param label in words, for those who look inside
public record Subscribe(
        ChannelName queue,
        Term term,
        Credit credit,
        int priority,
        boolean exclusive,
        String label) {

    /// A plain consumer.
    public static Subscribe of(ChannelName queue, Term term, Credit credit) {
        return new Subscribe(queue, term, credit, 0, false, "");
    }
}
