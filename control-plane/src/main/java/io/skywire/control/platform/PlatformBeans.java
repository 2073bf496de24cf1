package io.skywire.control.platform;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.shared.time.MachineClock;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Clock, randomness, keys and threads. Rooms take them as constructor parameters.
@Configuration(proxyBeanMethods = false)
class PlatformBeans {
    /// The exit code of a replica whose database was restored from a copy. Halted, not drained: whatever it still did
    /// would follow from a history that is no more, and a crash is something that everything here survives.
    private static final int CUT_HISTORY = 70;

    @Bean
    InstantSource clock(@Value("${" + MachineClock.OFFSET + ":PT0S}") Duration offset) {
        return MachineClock.offBy(offset);
    }

    @Bean
    SecureRandom secureRandom() {
        return new SecureRandom();
    }

    @Bean
    ServiceKeys serviceKeys(PlatformSettings settings, SecureRandom random) {
        return KeyFiles.load(settings.keysDirectory(), random);
    }

    @Bean
    PostgresChangeFeed changeFeed(JdbcConnectionDetails database, MeterRegistry meters) {
        return new PostgresChangeFeed(
                new PostgresChangeFeed.Database(database.getJdbcUrl(), database.getUsername(), database.getPassword()),
                meters);
    }

    @Bean
    @DependsOnDatabaseInitialization
    ReplicaRegister replicas(JdbcConnectionDetails database, InstantSource clock) {
        return new ReplicaRegister(
                new PostgresChangeFeed.Database(database.getJdbcUrl(), database.getUsername(), database.getPassword()),
                clock,
                ReplicaRegister.Times.USUAL,
                () -> Runtime.getRuntime().halt(CUT_HISTORY));
    }

    @Bean
    HealthIndicator database(Replicas replicas, DataSource pool) throws SQLException {
        HikariDataSource hikari = pool.unwrap(HikariDataSource.class);
        return new DatabaseHealth(replicas, () -> {
            HikariPoolMXBean connections = hikari.getHikariPoolMXBean();
            return connections == null ? 0 : connections.getTotalConnections();
        });
    }

    /// gRPC calls may block for the database, so each runs on a virtual thread of its own.
    @Bean(destroyMethod = "shutdown")
    ExecutorService grpcCallThreads() {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("grpc-", 0).factory());
    }

    @Bean
    GrpcServerExecutorProvider grpcServerExecutor(ExecutorService grpcCallThreads) {
        return () -> grpcCallThreads;
    }
}
