package io.skywire.local.drill;

import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.LiveNetwork;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.PrometheusPrograms;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.watch.Dashboard;
import io.skywire.local.watch.Exposition;
import io.skywire.local.watch.Expression;
import io.skywire.local.watch.MetricsPage;
import io.skywire.local.watch.RuleFile;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A real Prometheus scrapes a running network to which things happen; every panel, every alert and the page of
/// metrics are held against what it sees.
@Command(
        name = "dashboards",
        description = "Does every panel show something, does every alert fire and resolve, is every metric documented?")
final class DashboardsDrill extends Experiment {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(6);
    private static final Duration AFTERWARDS = Duration.ofSeconds(6);
    private static final Duration SEEN = Duration.ofSeconds(40);
    private static final String RATE_INTERVAL = "30s";
    private static final int LISTINGS = 12;

    /// Nobody is exempt, so that the few listings a minute that a network may ask for are soon asked.
    private static final Map<String, String> SETTINGS = Map.of("skywire.limits.exempt", "::1/128");

    @Option(
            names = "--break-a-panel",
            hidden = true,
            description = "one panel asks for a metric that does not exist: must fail")
    private boolean breakAPanel;

    private record Watched(Path dashboards, Path alerts, Path alertsTest, Path page) {
        static Watched under(Path root) {
            Path files = root.resolve("helm/skywire/files");
            return new Watched(
                    files.resolve("dashboards"),
                    files.resolve("alerts.yaml"),
                    files.resolve("alerts-test.yaml"),
                    root.resolve("docs/metrics.md"));
        }
    }

    @Override
    protected Report run(RunHome home, Progress progress) {
        Watched files = Watched.under(Installation.ofThisProcess().root());
        PrometheusPrograms programs = progress.step("Prometheus", PrometheusPrograms::find);
        long began = System.nanoTime();
        try (LiveNetwork network = LiveNetwork.startSomeOfEverything(home, SETTINGS, progress);
                Prometheus prometheus = Prometheus.start(programs, home, files.alerts(), network.shown())) {
            Report report = new Report();
            happen(network, prometheus, progress, report);
            progress.say("asking what panels and alerts ask");
            panels(files, prometheus, report);
            alerts(files, prometheus, report);
            Map<String, Exposition> shown = scrape(network, home);
            documented(files, shown, report);
            promtool(programs, prometheus, files, network, home, report);
            return report.put("seconds", (System.nanoTime() - began) / 1e9);
        }
    }

    // --- what happens to the network ---------------------------------------------------------------------------

    private static void happen(LiveNetwork network, Prometheus prometheus, Progress progress, Report report) {
        progress.say("a transfer, failed setups, limits, and a link that is cut");
        try (Transfer transfer = Transfer.begin(network, "n1", "n4", 7001, 1)) {
            network.dialStranger("n1", KeyPair.generate(new Random(2)).publicKey());
            askTooOften(network.http("/uptimes"));
            LiveDrill.rest(WARM_UP);
            String cut = LiveDrill.busier(network);
            network.link("n1", cut, LiveNetwork.Wire.CUT);
            if (!transfer.flows(Duration.ofSeconds(20))) {
                report.failed("the transfer did not go on after its link was cut");
            }
            Patience.until(SEEN, () -> prometheus.sum("skywire_node_failovers_total") >= 1);
            network.link("n1", cut, LiveNetwork.Wire.MEND);
            LiveDrill.rest(AFTERWARDS);
        }
        report.atLeast("failovers", prometheus.sum("skywire_node_failovers_total"), 1);
        report.atLeast(
                "setups_established", prometheus.sum("skywire_setup_outcomes_total{outcome=\"established\"}"), 1);
        report.atLeast("setups_failed", prometheus.sum("skywire_setup_outcomes_total{outcome=\"failed\"}"), 1);
        report.atLeast("requests_limited", prometheus.sum("skywire_requests_limited_total"), 1);
        int processes = network.shown().size();
        Patience.until(SEEN, () -> prometheus.sum("up") == processes); // a scrape may be late on a busy machine
        report.exactly("processes_scraped", (int) prometheus.sum("up"), processes);
    }

    private static void askTooOften(URI listing) {
        for (int i = 0; i < LISTINGS; i++) {
            get(listing);
        }
    }

    // --- what is seen of it ------------------------------------------------------------------------------------

    private void panels(Watched files, Prometheus prometheus, Report report) {
        int panels = 0;
        int data = 0;
        int zero = 0;
        List<String> empty = new ArrayList<>();
        for (Dashboard dashboard : Dashboard.all(files.dashboards())) {
            for (Dashboard.Panel panel : dashboard.panels()) {
                List<Expression> asks = new ArrayList<>(panel.asks());
                if (breakAPanel && panels == 0) {
                    asks.add(new Expression("sum(rate(skywire_setup_outcome_total[$__rate_interval]))"));
                }
                panels++;
                List<String> missing = new ArrayList<>();
                boolean shows = false;
                for (Expression ask : asks) {
                    Expression filled = ask.filledIn(RATE_INTERVAL);
                    switch (prometheus.worth(filled)) {
                        case DATA -> shows = true;
                        case PROVEN_ZERO -> {}
                        case NOTHING -> missing.add(prometheus.missing(filled).orElse(filled.text()));
                    }
                }
                if (!missing.isEmpty() || asks.isEmpty()) {
                    empty.add(dashboard.title() + ", " + panel.title() + ": nothing for " + missing);
                } else if (shows) {
                    data++;
                } else {
                    zero++;
                }
            }
        }
        report.put("panels", panels)
                .exactly("panels_with_data", data + zero, panels)
                .put("of_them_a_proven_zero", zero);
        empty.forEach(report::failed);
    }

    private static void alerts(Watched files, Prometheus prometheus, Report report) {
        RuleFile rules = RuleFile.read(files.alerts());
        List<String> broken = new ArrayList<>();
        rules.recorded().forEach(one -> {
            if (prometheus.worth(new Expression(one.name())) != Prometheus.Worth.DATA) {
                broken.add("nothing is recorded as " + one.name());
            }
        });
        int proven = 0;
        for (RuleFile.Alert alert : rules.alerts()) {
            if (prometheus.worth(alert.expression()) == Prometheus.Worth.NOTHING) {
                broken.add("alert " + alert.name() + ": nothing for "
                        + prometheus.missing(alert.expression()).orElse("it"));
            } else {
                proven++;
            }
        }
        int alerts = rules.alerts().size();
        List<String> tested = RuleFile.tested(files.alertsTest()).stream()
                .filter(name ->
                        rules.alerts().stream().anyMatch(alert -> alert.name().equals(name)))
                .toList();
        report.put("alerts", alerts)
                .exactly("alerts_with_data", proven, alerts)
                .exactly("alerts_tested", tested.size(), alerts);
        broken.forEach(report::failed);
    }

    private static Map<String, Exposition> scrape(LiveNetwork network, RunHome home) {
        Map<String, Exposition> shown = new TreeMap<>();
        for (LiveNetwork.Shown one : network.shown()) {
            String text = get(one.metrics());
            try {
                Files.writeString(page(home, one), text);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            shown.merge(one.program(), Exposition.parse(text), Exposition::with);
        }
        return shown;
    }

    private static void documented(Watched files, Map<String, Exposition> shown, Report report) {
        MetricsPage page = MetricsPage.parse(read(files.page()));
        List<String> undocumented = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        shown.forEach((program, exposition) -> {
            undocumented.addAll(page.undocumented(program, exposition));
            missing.addAll(page.missing(program, exposition));
            keys.addAll(exposition.keysInLabels());
        });
        report.put(
                        "metrics",
                        shown.values().stream()
                                .mapToInt(one -> one.families().size())
                                .sum())
                .exactly("undocumented_metrics", undocumented.size(), 0)
                .exactly("documented_but_missing", missing.size(), 0)
                .exactly("keys_in_labels", keys.size(), 0);
        undocumented.forEach(report::failed);
        missing.forEach(report::failed);
        keys.forEach(report::failed);
    }

    /// Its configuration, the rules, their tests, and the pages of all processes.
    private static void promtool(
            PrometheusPrograms programs,
            Prometheus prometheus,
            Watched files,
            LiveNetwork network,
            RunHome home,
            Report report) {
        Promtool promtool = new Promtool(programs.promtool(), home.logs().resolve("promtool.log"));
        promtool.run("check", "config", prometheus.config().toString());
        promtool.run("check", "rules", files.alerts().toString());
        promtool.run("test", "rules", files.alertsTest().toString());
        network.shown().forEach(one -> promtool.runOver(page(home, one), "check", "metrics"));
        report.exactly("promtool_ok", promtool.complaints().isEmpty(), true);
        promtool.complaints().forEach(report::failed);
    }

    private static Path page(RunHome home, LiveNetwork.Shown one) {
        return home.logs().resolve(one.instance() + ".prom");
    }

    private static String get(URI uri) {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            return http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException failure) {
            throw new NetworkFailure(uri + " does not answer: " + failure);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
