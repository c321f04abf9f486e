package io.millstream.engine.route;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition.Binding;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Chooses one of several bindings for a key: the one that a hash of both likes best, so that a key
/// changes its way only if its own binding goes or a new one takes it, and each binding gets its
/// weight's share.
final class Rendezvous {
    private Rendezvous() {}

    static @Nullable Binding choose(List<Binding> bindings, String key) {
        long keyHash = hash(key, 0);
        Binding best = null;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (Binding binding : bindings) {
            // 53 bits, never 0 and never 1.
            double chance = ((mix(keyHash ^ hashOf(binding.id())) >>> 11) + 0.5) * 0x1p-53;
            double score = weightOf(binding) / -StrictMath.log(chance);
            if (score > bestScore) {
                best = binding;
                bestScore = score;
            }
        }
        return best;
    }

    /// As its definition was checked to say.
    private static int weightOf(Binding binding) {
        return Integer.parseInt(binding.id().pattern());
    }

    /// By where it leads, and not by its weight: with a larger one it keeps the keys it has.
    private static long hashOf(BindingName id) {
        return hash(id.label(), hash(id.target().name(), 1));
    }

    /// A number for a name, another one for each seed.
    static long hash(ChannelName name, long seed) {
        return hash(name.name(), hash(name.host(), seed));
    }

    private static long hash(String text, long seed) {
        long hash = seed + 0x9E3779B97F4A7C15L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
        }
        return mix(hash ^ text.length());
    }

    /// Each bit of the result depends on each bit of the value.
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
