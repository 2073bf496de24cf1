package io.skywire.local;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/// Runs another main class and ends the JVM when standard input does: the parent that held the pipe is gone then, even
/// if it was killed. Arguments: the main class, then its own.
final class EndsWithParent {
    private EndsWithParent() {}

    public static void main(String[] arguments) throws Throwable {
        Thread.ofPlatform().name("ends-with-parent").daemon().start(() -> {
            awaitEnd(System.in);
            System.exit(0);
        });
        try {
            Method main = Class.forName(arguments[0]).getDeclaredMethod("main", String[].class);
            main.setAccessible(true); // as the java launcher does: the class need not be public
            main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        }
    }

    private static void awaitEnd(InputStream in) {
        try {
            while (in.read() >= 0) {
                // what is written is not for us; only the end counts
            }
        } catch (IOException brokenPipe) {
            // the same as the end
        }
    }
}
