package io.millstream.wire;

import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.Capabilities;
import io.millstream.api.Feature;
import io.millstream.api.Longest;
import io.millstream.api.Support;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// What a backend can do.
final class CapabilitiesForm {
    static final Kind<Capabilities> KIND =
            Kind.object("capabilities", CapabilitiesForm::write, CapabilitiesForm::read);

    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<Capabilities.Durability> DURABILITY =
            Kinds.word(Capabilities.Durability.class);
    private static final Kind<Support> SUPPORT =
            Kind.object(
                    "how far a feature is supported",
                    CapabilitiesForm::writeSupport,
                    CapabilitiesForm::readSupport);
    private static final Kind<Map<String, Support>> SUPPORTS = Kinds.map("features", SUPPORT);
    private static final Kind<Longest> LONGEST =
            Kind.object(
                    "how long things may last",
                    (out, longest) ->
                            out.put("delay_ms", MILLIS, longest.delay())
                                    .put("lease_ms", MILLIS, longest.lease()),
                    in -> new Longest(in.get("delay_ms", MILLIS), in.get("lease_ms", MILLIS)));

    private enum Tag {
        NATIVE,
        EMULATED,
        NONE
    }

    private CapabilitiesForm() {}

    private static void write(Out out, Capabilities capabilities) {
        Map<String, Support> features = new HashMap<>();
        capabilities.features().forEach((one, support) -> features.put(Kinds.word(one), support));
        out.put("backend", TEXT, capabilities.backend())
                .put("message_bytes_max", COUNT, capabilities.messageBytesMax())
                .put("commit_bytes_max", COUNT, capabilities.commitBytesMax())
                .put("longest", LONGEST, capabilities.longest())
                .put("durability", DURABILITY, capabilities.durability())
                .put("features", SUPPORTS, features);
    }

    private static Capabilities read(In in) {
        Map<Feature, Support> features = new EnumMap<>(Feature.class);
        in.get("features", SUPPORTS)
                .forEach((name, support) -> {
                    Feature feature = RefusalForm.FEATURE.reading().read(Place.ROOT, name);
                    if (feature == null) {
                        throw in.wrong(
                                "features",
                                "has the feature %s, which this version does not know"
                                        .formatted(Shown.cut(name, 40)),
                                "Use the version of the server");
                    }
                    features.put(feature, support);
                });
        return new Capabilities(
                in.get("backend", TEXT),
                features,
                in.get("message_bytes_max", COUNT),
                in.get("commit_bytes_max", COUNT),
                in.get("longest", LONGEST),
                in.get("durability", DURABILITY));
    }

    private static void writeSupport(Out out, Support support) {
        switch (support) {
            case Support.Native _ -> out.put("support", TAG, Tag.NATIVE);
            case Support.Emulated(String how, String cost) ->
                    out.put("support", TAG, Tag.EMULATED)
                            .put("how", TEXT, how)
                            .put("cost", TEXT, cost);
            case Support.None(String why, String instead) ->
                    out.put("support", TAG, Tag.NONE)
                            .put("why", TEXT, why)
                            .put("instead", TEXT, instead);
        }
    }

    private static Support readSupport(In in) {
        return switch (in.get("support", TAG)) {
            case NATIVE -> Support.Native.NATIVE;
            case EMULATED -> new Support.Emulated(in.get("how", TEXT), in.get("cost", TEXT));
            case NONE -> new Support.None(in.get("why", TEXT), in.get("instead", TEXT));
        };
    }
}
