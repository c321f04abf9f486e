package io.millstream.testkit.simulation;

import io.millstream.engine.io.Disk;
import io.millstream.engine.io.DiskFullException;
import io.millstream.engine.io.FileName;
import io.millstream.engine.io.LockedException;
import io.millstream.engine.io.StoredFile;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A disk that does the worst that a real one may do, the same each time for the same seed.
///
/// It has two views of its files: the **medium**, and the **cache**, which has what was written but
/// not synced. Reads show the cache. In between:
///
/// - [#crash], a power cut: each unsynced sector (512 bytes) is old, new or garbage, independently;
///   garbage only where the new content differs. Of the creations, renames and removals that no
///   [#syncDirectory] has confirmed, the first few survive, as with a journaling file system. An
///   unsynced size may be any that the file had since its last sync.
/// - [#kill], a killed process: the cache lives on, and with it what was never synced.
/// - A failed sync: part of the file reaches the medium; the rest stays visible in the cache, but
///   no later sync writes it. A kill may evict it. [StoredFile#readMedium] shows what the medium
///   has.
/// - [StoredFile#readMedium] makes the kernel write unsynced sectors first, as Linux does. They are
///   read as written; whether a power cut can still harm them is left to chance.
/// - Now and then unsynced sectors reach the medium unasked.
///
/// A crash can be had in the middle of an operation with [#crashAfter]. Both crash and kill leave
/// every open file dead, give the lock back, and the disk is ready for the next engine.
///
/// Latency is not modelled. For one thread at a time.
public final class SimulatedDisk implements Disk {
    private static final int WRITES_PER_UNASKED_FLUSH = 16;
    private static final String NO_FILE = "/";

    private final RandomGenerator random;
    private final TreeMap<String, Inode> names = new TreeMap<>();
    private final TreeMap<String, Inode> durableNames = new TreeMap<>();
    private final List<Naming> unsyncedNames = new ArrayList<>();

    // Each crash and kill begins another; files of an earlier one are dead.
    private int boot;
    private int openFiles;
    private boolean locked;
    private boolean powerIsOff;

    private long operationsLeft;
    private String cutAtSyncOf = NO_FILE;
    private long capacityBytes = Long.MAX_VALUE;
    private long growthsLeft = Long.MAX_VALUE;
    private double syncFailures;
    private double writeFailures;
    private boolean nextSyncFails;
    private boolean nextWriteFails;
    private boolean ignoreSyncs;

    private long growths;
    private long operations;
    private long syncs;
    private long writes;
    private long bytesWritten;

    /// An empty disk that takes every chance from `random`.
    public SimulatedDisk(RandomGenerator random) {
        this.random = random;
    }

    /// Another disk with what the medium of this one has, to be harmed without harming this one.
    SimulatedDisk copy(RandomGenerator chance) {
        SimulatedDisk copy = new SimulatedDisk(chance);
        names.forEach((name, inode) -> copy.durableNames.put(name, inode.copy()));
        copy.names.putAll(copy.durableNames);
        return copy;
    }

    /// The length of a file.
    long size(String name) throws IOException {
        return existing(name).size();
    }

    /// Cuts the power and restores it: from now on the disk shows what the medium has.
    public void crash() {
        survivesOf(unsyncedNames).forEach(naming -> naming.apply(durableNames));
        unsyncedNames.clear();
        names.clear();
        names.putAll(durableNames);
        names.values().forEach(inode -> inode.crash(random));
        restart();
    }

    /// Kills the process that uses the disk. The cache stays, except that what a failed sync left
    /// there may be evicted.
    public void kill() {
        names.values().forEach(inode -> inode.kill(random));
        restart();
    }

    /// Has the `n`-th operation from now that changes something (write, sync, truncate, creation,
    /// rename, removal) stop half way with a [PowerCut]. After that each use of the disk throws it,
    /// until [#crash] or, to have the process killed at that point instead, [#kill] is called. 0
    /// takes it back.
    public void crashAfter(long n) {
        if (n < 0) {
            throw new IllegalArgumentException("a crash after " + n + " operations");
        }
        operationsLeft = n;
        cutAtSyncOf = NO_FILE;
    }

    /// Has the next sync of a file whose name begins so stop half way, in the way of [#crashAfter],
    /// which takes it back.
    void crashAtSyncOf(String prefix) {
        cutAtSyncOf = prefix;
    }

    /// From now on a write that needs more than this fails with a [DiskFullException], possibly
    /// after writing a part. Files are counted in whole sectors, without their holes.
    public void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /// Has the `n`-th write from now that needs more room, and each such write after it, fail with
    /// a [DiskFullException], possibly after writing a part, whatever [#freeBytes] says: as a quota
    /// does, or another program that is quicker. 0 takes it back.
    public void fullAtGrowth(long n) {
        growthsLeft = n == 0 ? Long.MAX_VALUE : n - 1;
    }

    /// How many writes needed more room than their file had.
    public long growths() {
        return growths;
    }

    /// The probability that a sync of a file or of the directory fails.
    public void failSyncs(double probability) {
        syncFailures = probability;
    }

    /// The probability that a write or truncation fails with an input/output error, after a part.
    public void failWrites(double probability) {
        writeFailures = probability;
    }

    /// The next sync, of a file or of the directory, fails.
    public void failNextSync() {
        nextSyncFails = true;
    }

    /// The next write or truncation fails.
    public void failNextWrite() {
        nextWriteFails = true;
    }

    /// Whether syncs, of files and of the directory, do nothing: to prove that a checker notices.
    public void ignoreSyncs(boolean ignore) {
        ignoreSyncs = ignore;
    }

    /// Turns over one bit of the byte at `offset` of a file, on the medium; the cache shows it too
    /// where it has nothing newer.
    public void flipBit(String name, long offset) throws IOException {
        Inode inode = existing(name);
        if (offset < 0 || offset >= inode.size()) {
            throw new IllegalArgumentException(
                    name + " has " + inode.size() + " bytes and so none at " + offset);
        }
        inode.flipBit(offset, random.nextInt(8));
    }

    /// Cuts a file off after `bytes` bytes, on the medium.
    public void cut(String name, long bytes) throws IOException {
        existing(name).cut(bytes);
    }

    /// The operations so far that count for [#crashAfter].
    public long operations() {
        return operations;
    }

    /// How often files have been synced, also in vain.
    public long syncs() {
        return syncs;
    }

    /// How often files have been written, also in vain.
    public long writes() {
        return writes;
    }

    /// The bytes that have been written, to the cache at least.
    public long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public String describe() {
        return "simulated disk";
    }

    @Override
    public void lock() throws LockedException {
        requirePower();
        if (locked) {
            throw new LockedException(
                    "Another engine has this simulated disk. Close, kill or crash it first.");
        }
        locked = true;
    }

    @Override
    public List<String> list() {
        requirePower();
        return List.copyOf(names.keySet());
    }

    @Override
    public StoredFile open(String name) throws DiskFullException {
        requirePower();
        Inode inode = names.get(FileName.check(name));
        if (inode == null) {
            if (freeBytes() == 0) {
                throw full("create " + name);
            }
            inode = new Inode();
            change(new Naming.Create(name, inode), "creation of " + name);
        }
        openFiles++;
        return new OpenFile(name, inode);
    }

    @Override
    public void rename(String from, String to) throws NoSuchFileException {
        requirePower();
        existing(from);
        FileName.check(to);
        if (!from.equals(to)) {
            change(new Naming.Rename(from, to), "renaming of " + from + " to " + to);
        }
    }

    @Override
    public void delete(String name) throws NoSuchFileException {
        requirePower();
        existing(name);
        change(new Naming.Delete(name), "removal of " + name);
    }

    @Override
    public void syncDirectory() throws IOException {
        boolean cut = step();
        boolean fails = syncFails();
        if (!ignoreSyncs) {
            List<Naming> synced = cut || fails ? survivesOf(unsyncedNames) : unsyncedNames;
            synced.forEach(naming -> naming.apply(durableNames));
            synced.clear();
        }
        if (cut) {
            throw powerCut("sync of the directory");
        }
        if (fails) {
            throw new IOException("Simulated: syncing the directory failed: Input/output error");
        }
    }

    @Override
    public long freeBytes() {
        requirePower();
        if (capacityBytes == Long.MAX_VALUE) {
            return capacityBytes;
        }
        long used = names.values().stream().mapToLong(Inode::allocatedBytes).sum();
        return Math.max(0, capacityBytes - used);
    }

    /// Gives the disk back. Its files stay.
    ///
    /// @throws IllegalStateException if files are open
    @Override
    public void close() {
        requirePower();
        if (openFiles > 0) {
            throw new IllegalStateException(
                    openFiles + " files are still open. Close them before the disk.");
        }
        locked = false;
    }

    private void restart() {
        boot++;
        openFiles = 0;
        locked = false;
        powerIsOff = false;
        operationsLeft = 0;
        cutAtSyncOf = NO_FILE;
    }

    /// The part at the beginning that a journal kept.
    private List<Naming> survivesOf(List<Naming> namings) {
        return namings.subList(0, random.nextInt(namings.size() + 1));
    }

    private Inode existing(String name) throws NoSuchFileException {
        Inode inode = names.get(FileName.check(name));
        if (inode == null) {
            throw new NoSuchFileException(name, null, "no such file on this simulated disk");
        }
        return inode;
    }

    private void change(Naming naming, String what) {
        boolean cut = step();
        if (!cut || random.nextBoolean()) {
            naming.apply(names);
            unsyncedNames.add(naming);
        }
        if (cut) {
            throw powerCut(what);
        }
    }

    /// Counts an operation. Returns whether the power goes in the middle of it.
    private boolean step() {
        requirePower();
        operations++;
        return operationsLeft > 0 && --operationsLeft == 0;
    }

    private void requirePower() {
        if (powerIsOff) {
            throw new PowerCut("Simulated: the power is off.");
        }
    }

    private PowerCut powerCut(String during) {
        powerIsOff = true;
        return new PowerCut("Simulated: the power went during the " + during + ".");
    }

    private boolean syncFails() {
        boolean fails = nextSyncFails || chance(syncFailures);
        nextSyncFails = false;
        return fails;
    }

    private boolean writeFails() {
        boolean fails = nextWriteFails || chance(writeFailures);
        nextWriteFails = false;
        return fails;
    }

    // Without the fault no chance is taken, so that a fault that is never asked for changes
    // nothing.
    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private boolean hasRoom(long bytes) {
        if (bytes == 0) {
            return true;
        }
        growths++;
        if (growthsLeft == 0) {
            return false;
        }
        growthsLeft -= growthsLeft == Long.MAX_VALUE ? 0 : 1;
        return bytes <= freeBytes();
    }

    private DiskFullException full(String attempt) {
        return new DiskFullException(
                "Simulated: could not "
                        + attempt
                        + ": no space is left. Remove files, or raise the capacity.");
    }

    private final class OpenFile implements StoredFile {
        private final String name;
        private final Inode inode;
        private final int openedIn = boot;
        private boolean closed;

        private OpenFile(String name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public long size() throws IOException {
            requireAlive();
            return inode.size();
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            requireRange(target, position);
            inode.read(target, position);
        }

        @Override
        public void readMedium(ByteBuffer target, long position) throws IOException {
            requireRange(target, position);
            inode.readMedium(target, position, random);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            requireAlive();
            requireNotNegative(position);
            writes++;
            boolean cut = step();
            String what =
                    "write of " + source.remaining() + " bytes at " + position + " of " + name;
            if (cut) {
                // A prefix, which is what a process killed here leaves in the cache. A power cut
                // then makes any subset of its sectors.
                writePart(source, position, partOf(source));
                throw powerCut(what);
            }
            if (writeFails()) {
                writePart(source, position, partOf(source));
                throw new IOException("Simulated: the " + what + " failed: Input/output error");
            }
            if (!hasRoom(inode.allocates(position, source.remaining()))) {
                writePart(source, position, partThatFits(source, position));
                throw full(what.replace("write of", "write"));
            }
            writePart(source, position, source.remaining());
            if (random.nextInt(WRITES_PER_UNASKED_FLUSH) == 0) {
                inode.syncPart(random);
            }
        }

        @Override
        public void sync() throws IOException {
            requireAlive();
            syncs++;
            boolean cut = step() || name.startsWith(cutAtSyncOf);
            boolean fails = syncFails();
            if (!ignoreSyncs) {
                if (cut) {
                    inode.syncPart(random);
                } else if (fails) {
                    inode.failSync(random);
                } else {
                    inode.sync();
                }
            }
            if (cut) {
                throw powerCut("sync of " + name);
            }
            if (fails) {
                throw new IOException("Simulated: syncing " + name + " failed: Input/output error");
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            requireAlive();
            requireNotNegative(size);
            boolean cut = step();
            boolean fails = writeFails();
            if (!fails && (!cut || random.nextBoolean())) {
                inode.truncate(size);
            }
            if (cut) {
                throw powerCut("truncation of " + name);
            }
            if (fails) {
                throw new IOException(
                        "Simulated: truncating " + name + " failed: Input/output error");
            }
        }

        @Override
        public void close() {
            if (!closed && openedIn == boot) {
                openFiles--;
            }
            closed = true;
        }

        private void writePart(ByteBuffer source, long position, int length) {
            ByteBuffer part = source.slice(source.position(), length);
            if (length > 0) {
                inode.write(part, position);
            }
            source.position(source.position() + length);
            bytesWritten += length;
        }

        private int partOf(ByteBuffer source) {
            return random.nextInt(source.remaining() + 1);
        }

        private int partThatFits(ByteBuffer source, long position) {
            int length = partOf(source);
            while (length > 0 && inode.allocates(position, length) > freeBytes()) {
                length = Math.max(0, length - Inode.SECTOR_BYTES);
            }
            return length;
        }

        private void requireRange(ByteBuffer target, long position) throws IOException {
            requireAlive();
            requireNotNegative(position);
            if (target.hasRemaining() && position + target.remaining() > inode.size()) {
                throw new EOFException(
                        name
                                + " has "
                                + inode.size()
                                + " bytes, and "
                                + target.remaining()
                                + " were to be read from byte "
                                + position
                                + ".");
            }
        }

        private void requireNotNegative(long position) {
            if (position < 0) {
                throw new IllegalArgumentException("byte " + position + " of " + name);
            }
        }

        private void requireAlive() throws IOException {
            requirePower();
            if (openedIn != boot) {
                throw new IOException(
                        "Simulated: "
                                + name
                                + " was opened before a crash or kill. Open it again.");
            }
            if (closed) {
                throw new ClosedChannelException();
            }
        }
    }
}
