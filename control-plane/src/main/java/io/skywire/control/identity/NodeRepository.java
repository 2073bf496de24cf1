package io.skywire.control.identity;

import java.time.Instant;
import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

interface NodeRepository extends JpaRepository<NodeEntity, byte[]> {
    /// 1 if the node is new, else 0. Two replicas may see a new node at once; one of them inserts it.
    @Modifying
    @NativeQuery("""
            INSERT INTO nodes (public_key, software, first_seen, last_seen)
            VALUES (:key, :software, :now, :now)
            ON CONFLICT (public_key) DO NOTHING
            """)
    int insertIfAbsent(@Param("key") byte[] key, @Param("software") String software, @Param("now") Instant now);

    @Modifying
    @Query("""
            UPDATE NodeEntity n SET n.software = :software, n.lastSeen = :now
            WHERE n.publicKey = :key AND n.lastSeen <= :now
            """)
    int touch(@Param("key") byte[] key, @Param("software") String software, @Param("now") Instant now);

    @Query("SELECT n.publicKey FROM NodeEntity n ORDER BY n.publicKey")
    List<byte[]> allKeys();
}
