package io.skywire.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/// How TCP of a link decides how fast it sends: asked of the kernel by name for each link, whatever the machine's own
/// default is.
///
/// A link loses packets where a radio or a full line in between does, and loss-based controls (CUBIC, Reno) take every
/// loss for a full line. BBR does not, and it keeps queues short. Only on epoll; elsewhere, and where the kernel does
/// not have it, the machine's default stays.
///
/// @param name as the kernel has it, such as `bbr`; none: the machine's default
public record CongestionControl(Optional<String> name) {
    private static final Pattern NAMES = Pattern.compile("[a-z0-9_-]{1,15}");

    /// What nodes ask for unless their config says otherwise.
    public static final CongestionControl BBR = new CongestionControl(Optional.of("bbr"));

    /// The machine's own.
    public static final CongestionControl OF_THE_MACHINE = new CongestionControl(Optional.empty());

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CONGESTION = 13;
    private static final int LONGEST = 16; // TCP_CA_NAME_MAX, with the zero at the end
    private static final RawUnixChannelOption OPTION =
            new RawUnixChannelOption("TCP_CONGESTION", IPPROTO_TCP, TCP_CONGESTION, LONGEST);

    public CongestionControl {
        name.ifPresent(text -> {
            if (!NAMES.matcher(text).matches()) {
                throw new IllegalArgumentException(
                        "a congestion control has 1 to 15 lower-case letters, digits or dashes, not '" + text + "'");
            }
        });
    }

    /// Whether the socket has it now.
    boolean ask(Channel channel) {
        if (name.isEmpty()) {
            return true;
        }
        if (!(channel instanceof EpollSocketChannel)) {
            return false;
        }
        ByteBuffer text = ByteBuffer.allocate(LONGEST);
        text.put(0, name.get().getBytes(StandardCharsets.US_ASCII));
        try {
            return channel.config().setOption(OPTION, text);
        } catch (ChannelException unknownToTheKernel) {
            return false;
        }
    }

    /// What a socket has; none where it cannot be asked.
    static Optional<String> of(Channel channel) {
        if (!(channel instanceof EpollSocketChannel)) {
            return Optional.empty();
        }
        ByteBuffer text = channel.config().getOption(OPTION);
        return Optional.ofNullable(text)
                .map(bytes -> StandardCharsets.US_ASCII.decode(bytes).toString().replaceAll("\0.*", ""));
    }
}
