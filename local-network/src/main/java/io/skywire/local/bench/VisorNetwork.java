package io.skywire.local.bench;

import io.skywire.local.bench.Visor.SignedRequest;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import java.net.URI;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// The same network in every run: visors in a ring, each linked to the next ones. All its requests are signed when it
/// is made, on all cores: first many small registrations to warm up with, then the large ones, then questions, then one
/// more registration.
final class VisorNetwork {
    static final int VISORS = 4_000;
    static final int PER_REQUEST = 12;
    static final int SMALL_REGISTRATIONS = 5;
    static final int REGISTRATIONS = 3;
    static final int QUESTIONS = 10;
    static final int LATE_LINKS = 2;

    /// Transports stored after the registrations, the late one not counted.
    static final int TRANSPORTS = VISORS * (SMALL_REGISTRATIONS + REGISTRATIONS * PER_REQUEST);

    private final List<Visor> visors;

    VisorNetwork(URI base) {
        visors = IntStream.range(0, VISORS)
                .parallel()
                .mapToObj(number -> new Visor(KeyPair.generate(new SplittableRandom(number)), base))
                .toList();
        IntStream.range(0, VISORS).parallel().forEach(this::sign);
    }

    private void sign(int number) {
        Visor visor = visors.get(number);
        int step = 1;
        for (int i = 0; i < SMALL_REGISTRATIONS; i++) {
            visor.register(links(number, step++, 1));
        }
        for (int i = 0; i < REGISTRATIONS; i++) {
            visor.register(links(number, step, PER_REQUEST));
            step += PER_REQUEST;
        }
        SplittableRandom random = new SplittableRandom(number);
        for (int i = 0; i < QUESTIONS; i++) {
            visor.askFor(visors.get(random.nextInt(VISORS)));
        }
        visor.register(links(number, step, LATE_LINKS));
    }

    private List<SignedTransport> links(int number, int firstStep, int count) {
        return IntStream.range(firstStep, firstStep + count)
                .mapToObj(step -> visors.get(number).linkTo(visors.get((number + step) % VISORS)))
                .toList();
    }

    List<Visor> visors() {
        return visors;
    }

    /// First large registrations of some visors, to check their signatures once more. Before they are sent.
    List<SignedRequest> sample(int count) {
        return visors.stream()
                .limit(count)
                .map(visor -> visor.waiting().get(SMALL_REGISTRATIONS))
                .toList();
    }
}
