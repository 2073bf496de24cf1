package io.skywire.control.identity;

import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface NodeRepository extends JpaRepository<NodeEntity, byte[]> {
    @Query("SELECT n.publicKey FROM NodeEntity n ORDER BY n.publicKey")
    List<byte[]> allKeys();
}
