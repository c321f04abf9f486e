package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.BindingName;
import io.millstream.api.Target;

/// Where bindings lead to, and their names.
final class TargetForm {
    static final Kind<Target> KIND =
            Kind.object(
                    "a target, such as {\"channel\":\"mail\"} or {\"exchange\":\"orders\"}",
                    TargetForm::write,
                    TargetForm::read);

    static final Kind<BindingName> BINDING =
            Kind.object(
                    "a binding's name, such as {\"exchange\":\"orders\",\"target\":{\"channel\":"
                            + "\"mail\"},\"pattern\":\"*.new\"}",
                    TargetForm::writeBinding,
                    TargetForm::readBinding);

    private TargetForm() {}

    private static void write(Out out, Target target) {
        switch (target) {
            case Target.Channel channel -> out.put("channel", CHANNEL, channel.name());
            case Target.Exchange exchange -> out.put("exchange", CHANNEL, exchange.name());
        }
    }

    private static Target read(In in) {
        return in.has("exchange")
                ? new Target.Exchange(in.get("exchange", CHANNEL))
                : new Target.Channel(in.get("channel", CHANNEL));
    }

    private static void writeBinding(Out out, BindingName name) {
        out.put("exchange", CHANNEL, name.exchange())
                .put("target", KIND, name.target())
                .or("pattern", TEXT, name.pattern(), "")
                .or("label", TEXT, name.label(), "");
    }

    private static BindingName readBinding(In in) {
        return new BindingName(
                in.get("exchange", CHANNEL),
                in.get("target", KIND),
                in.or("pattern", TEXT, ""),
                in.or("label", TEXT, ""));
    }
}
