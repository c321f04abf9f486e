package io.millstream.testkit.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/// The bytes of one simulated file, twice: what the medium has, and what the page cache shows.
///
/// A sector is in one of three states:
///
/// | state | cache and medium | what a sync does | what a power cut does |
/// |---|---|---|---|
/// | clean | the same | nothing | nothing |
/// | dirty | differ | writes it | leaves the old, the new, or garbage |
/// | lost | differ, because a sync failed | nothing: the kernel thinks it clean | leaves the old |
///
/// Sectors are never changed in place, so that cache and medium can share a clean one.
final class Inode {
    static final int SECTOR_BYTES = 512;

    // Both read as zeros; only one of them takes room.
    private static final byte[] HOLE = new byte[SECTOR_BYTES];
    private static final byte[] ZEROS = new byte[SECTOR_BYTES];

    private final List<byte[]> medium = new ArrayList<>();
    private final List<byte[]> cache = new ArrayList<>();
    private final BitSet dirty = new BitSet();
    private final BitSet lost = new BitSet();

    private long size;
    // The sizes that the file had since the last sync. After a power cut it may have any of them.
    private long sizeMin;
    private long sizeMax;

    long size() {
        return size;
    }

    /// The same file as the medium has it.
    Inode copy() {
        Inode copy = new Inode();
        copy.medium.addAll(medium);
        copy.cache.addAll(medium);
        copy.size = size;
        copy.sizeMin = size;
        copy.sizeMax = size;
        return copy;
    }

    /// The bytes that the file takes on the disk, without its holes.
    long allocatedBytes() {
        long sectors = 0;
        for (byte[] sector : cache) {
            sectors += isHole(sector) ? 0 : 1;
        }
        return sectors * SECTOR_BYTES;
    }

    /// How many bytes writing there would allocate.
    long allocates(long position, int length) {
        long sectors = 0;
        for (int i = index(position); i < indexAfter(position + length); i++) {
            sectors += isHole(get(cache, i)) ? 1 : 0;
        }
        return sectors * SECTOR_BYTES;
    }

    void read(ByteBuffer target, long position) {
        read(target, position, new BitSet());
    }

    /// Reads past the cache. Before that the kernel writes the range's dirty sectors to the device,
    /// so they are read as they are in the cache. Whether they have also left the device's own
    /// cache, so that a power cut cannot harm them any more, is left to chance.
    void readMedium(ByteBuffer target, long position, RandomGenerator random) {
        int end = indexAfter(position + target.remaining());
        int i = dirty.nextSetBit(index(position));
        while (i >= 0 && i < end) {
            if (random.nextBoolean()) {
                settle(i);
                dirty.clear(i);
            }
            i = dirty.nextSetBit(i + 1);
        }
        read(target, position, lost);
    }

    private void read(ByteBuffer target, long position, BitSet fromMedium) {
        long at = position;
        while (target.hasRemaining()) {
            int index = index(at);
            int from = (int) (at % SECTOR_BYTES);
            int count = Math.min(SECTOR_BYTES - from, target.remaining());
            target.put(get(fromMedium.get(index) ? medium : cache, index), from, count);
            at += count;
        }
    }

    void write(ByteBuffer source, long position) {
        long at = position;
        while (source.hasRemaining()) {
            int from = (int) (at % SECTOR_BYTES);
            int count = Math.min(SECTOR_BYTES - from, source.remaining());
            byte[] sector = get(cache, index(at)).clone();
            source.get(sector, from, count);
            put(index(at), Arrays.equals(sector, ZEROS) ? ZEROS : sector);
            at += count;
        }
        resize(Math.max(size, at));
    }

    void truncate(long newSize) {
        if (newSize < size) {
            int kept = indexAfter(newSize);
            int inLast = (int) (newSize % SECTOR_BYTES);
            if (inLast > 0 && !isHole(get(cache, kept - 1))) {
                put(kept - 1, cut(get(cache, kept - 1), inLast));
            }
            for (int i = kept; i < cache.size(); i++) {
                put(i, HOLE);
            }
        }
        resize(newSize);
    }

    /// All that is dirty reaches the medium.
    void sync() {
        dirty.stream().forEach(this::settle);
        dirty.clear();
        sizeMin = size;
        sizeMax = size;
    }

    /// Part of what is dirty reaches the medium; the rest stays dirty.
    void syncPart(RandomGenerator random) {
        double share = random.nextDouble();
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            if (random.nextDouble() < share) {
                settle(i);
                dirty.clear(i);
            }
        }
    }

    /// Part of what is dirty reaches the medium; the rest is forgotten by all but the cache.
    void failSync(RandomGenerator random) {
        syncPart(random);
        lost.or(dirty);
        dirty.clear();
    }

    /// The power goes: only the medium remains.
    void crash(RandomGenerator random) {
        double arrived = share(random);
        double garbled = random.nextInt(3) == 0 ? random.nextDouble() : 0;
        for (int i = dirty.nextSetBit(0); i >= 0; i = dirty.nextSetBit(i + 1)) {
            boolean changing = !Arrays.equals(get(cache, i), get(medium, i));
            if (changing && random.nextDouble() < garbled) {
                byte[] garbage = new byte[SECTOR_BYTES];
                random.nextBytes(garbage);
                set(medium, i, garbage);
            } else if (random.nextDouble() < arrived) {
                settle(i);
            }
        }
        size = pickSize(random);
        sizeMin = size;
        sizeMax = size;
        cutMedium();
        cache.clear();
        cache.addAll(medium);
        dirty.clear();
        lost.clear();
    }

    /// The process dies and the machine lives: dirty sectors stay in the cache; lost ones, clean to
    /// the kernel, may be evicted at any time.
    void kill(RandomGenerator random) {
        for (int i = lost.nextSetBit(0); i >= 0; i = lost.nextSetBit(i + 1)) {
            if (random.nextBoolean()) {
                set(cache, i, get(medium, i));
                lost.clear(i);
            }
        }
    }

    /// A bit of the medium turns over. The cache shows it too, unless it has something newer.
    void flipBit(long offset, int bit) {
        int i = index(offset);
        byte[] flipped = get(medium, i).clone();
        flipped[(int) (offset % SECTOR_BYTES)] ^= (byte) (1 << bit);
        set(medium, i, flipped);
        if (!dirty.get(i) && !lost.get(i)) {
            set(cache, i, flipped);
        }
    }

    /// The file ends here now, on the medium too.
    void cut(long newSize) {
        sync();
        truncate(newSize);
        sync();
    }

    private void resize(long newSize) {
        size = newSize;
        sizeMin = Math.min(sizeMin, size);
        sizeMax = Math.max(sizeMax, size);
    }

    private long pickSize(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> sizeMin;
            case 1 -> sizeMax;
            case 2 -> size;
            default -> random.nextLong(sizeMin, sizeMax + 1);
        };
    }

    /// Nothing may lie behind the end, or a later growth would show it instead of zeros.
    private void cutMedium() {
        while (medium.size() > indexAfter(size)) {
            medium.removeLast();
        }
        int inLast = (int) (size % SECTOR_BYTES);
        if (inLast > 0 && medium.size() == indexAfter(size) && !isHole(medium.getLast())) {
            medium.set(medium.size() - 1, cut(medium.getLast(), inLast));
        }
    }

    private void put(int index, byte[] sector) {
        set(cache, index, sector);
        lost.clear(index);
        byte[] old = get(medium, index);
        // A sector that is written again as it was needs no sync and cannot be harmed. Zeros in a
        // hole cannot be harmed either, but the room that they take has to reach the medium.
        dirty.set(index, isHole(old) ? !isHole(sector) : !Arrays.equals(sector, old));
    }

    private void settle(int index) {
        set(medium, index, get(cache, index));
    }

    private static double share(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1;
            default -> random.nextDouble();
        };
    }

    @SuppressWarnings("ReferenceEquality") // Zeros that were written are no hole.
    private static boolean isHole(byte[] sector) {
        return sector == HOLE;
    }

    private static byte[] cut(byte[] sector, int length) {
        return Arrays.copyOf(Arrays.copyOf(sector, length), SECTOR_BYTES);
    }

    private static byte[] get(List<byte[]> sectors, int index) {
        return index < sectors.size() ? sectors.get(index) : HOLE;
    }

    private static void set(List<byte[]> sectors, int index, byte[] sector) {
        while (sectors.size() <= index) {
            sectors.add(HOLE);
        }
        sectors.set(index, sector);
    }

    private static int index(long position) {
        return Math.toIntExact(position / SECTOR_BYTES);
    }

    private static int indexAfter(long end) {
        return Math.toIntExact((end + SECTOR_BYTES - 1) / SECTOR_BYTES);
    }
}
