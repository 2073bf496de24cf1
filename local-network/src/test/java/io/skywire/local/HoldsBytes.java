package io.skywire.local;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// A program that reads bytes from standard input into memory inside or outside its heap, says so, and holds them until
/// standard input ends.
final class HoldsBytes {
    private HoldsBytes() {}

    public static void main(String[] arguments) throws IOException {
        ByteBuffer held = ByteBuffer.allocateDirect(Integer.parseInt(arguments[0]));
        byte[] copy = new byte[arguments[1].equals("inside") ? held.capacity() : 0];
        try (FileInputStream in = new FileInputStream(FileDescriptor.in);
                FileChannel channel = in.getChannel()) {
            while (held.hasRemaining() && channel.read(held) >= 0) {
                // until all are there
            }
            held.get(0, copy);
            System.out.println("holds " + held.position());
            ByteBuffer end = ByteBuffer.allocateDirect(1);
            while (channel.read(end) >= 0) {
                end.clear();
            }
        }
        System.out.println(held.get(0) + copy.length);
    }
}
