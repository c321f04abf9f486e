package io.millstream.wire;

import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.WHOLE;

import io.millstream.api.Expect;

/// What must be there now, as members of the operation that says it: `"if_absent": true`,
/// `"if_version": 7`, or neither for anything.
final class ExpectMembers {
    private static final String ABSENT = "if_absent";
    private static final String VERSION = "if_version";

    private ExpectMembers() {}

    static Out write(Out out, Expect expect) {
        return switch (expect) {
            case Expect.Anything _ -> out;
            case Expect.Nothing _ -> out.put(ABSENT, FLAG, true);
            case Expect.Version(long version) -> out.put(VERSION, WHOLE, version);
        };
    }

    static Expect read(In in) {
        boolean absent = in.or(ABSENT, FLAG, false);
        Long version = in.maybe(VERSION, WHOLE);
        if (absent && version != null) {
            throw in.wrong(VERSION, "is there beside " + ABSENT, "Give one of the two");
        }
        if (version != null) {
            return new Expect.Version(version);
        }
        return absent ? Expect.Nothing.NOTHING : Expect.Anything.ANYTHING;
    }
}
