package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values that cannot be meant are refused before anything reaches a cluster, and the message names them.
class ValuesSchemaTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        controlPlane: {replicas: two}                 | /controlPlane/replicas
        controlPlane: {replicas: 0}                   | /controlPlane/replicas
        controlPlane: {replica: 3}                    | 'replica' not allowed
        controlplane: {replicas: 3}                   | 'controlplane' not allowed
        controlPlane: {keys: {existingSecret: ''}}    | /controlPlane/keys/existingSecret
        controlPlane: {resources: {limits: {memory: lots}}} | /controlPlane/resources/limits/memory
        controlPlane: {settings: {PASSWORD: secret}}  | invalid propertyName 'PASSWORD'
        controlPlane: {autoscaling: {minReplicas: 1}} | /controlPlane/autoscaling/minReplicas
        controlPlane: {topologySpread: {zones: Maybe}} | /controlPlane/topologySpread/zones
        database: {sslMode: prefer}                   | /database/sslMode
        database: {host: 'jdbc:postgresql://db/x'}    | /database/host
        database: {password: secret}                  | 'password' not allowed
        database: {parameters: {password: secret}}    | invalid propertyName 'password'
        database: {poolSize: 4}                       | /database/poolSize
        messaging: {enabled: true}                    | /messaging/servers
        messaging: {servers: [{address: relay}]}      | /messaging/servers/0/address
        messaging: {servers: [{address: 'r.example.org:7780', publicKey: '04ab'}]} | /messaging/servers/0/publicKey
        messaging: {bytesPerSecond: 100}              | /messaging/bytesPerSecond
        security: {userId: 0}                         | /security/userId
        gatewayApi: {enabled: true}                   | /gatewayApi/parentRefs
        networkPolicy: {enabled: maybe}               | /networkPolicy/enabled
        networkPolicy: {clients: [{}]}                | /networkPolicy/clients/0
        image: {registry: mirror.example.org}         | /image/registry
        monitoring: {serviceMonitor: {interval: 15}}  | /monitoring/serviceMonitor/interval
        controlPlane: {autoscaling: {enabled: true, minReplicas: 5}} | autoscaling: minReplicas 5 is above maxReplicas 4
        controlPlane: {autoscaling: {minReplicas: 7, maxReplicas: 6}} | autoscaling: minReplicas 7 is above maxReplicas 6
        controlPlane: {drain: {spreadSeconds: 21}}    | drain: spreadSeconds 21 is above graceSeconds 20
        controlPlane: {drain: {graceSeconds: 4}}      | drain: spreadSeconds 5 is above graceSeconds 4
        controlPlane: {loadBalancer: {port: 99999}}   | /controlPlane/loadBalancer/port
        database: {port: 99999}                       | /database/port
        database: {host: 'a:5432,b:99999'}            | database.host: b:99999: 99999 is no port
        database: {host: 'a:0,b'}                     | database.host: a:0: 0 is no port
        database: {host: 'a:5433'}                    | database.host: a:5433: the port of a single host
        messaging: {servers: [{address: 'a:7780'}, {address: 'r.example.org:99999'}]} | messaging.servers[1].address: r.example.org:99999: 99999 is no port
        messaging: {servers: [{address: 'r.example.org:65536'}]} | 65536 is no port
        messaging: {servers: [{address: '[2001:db8::1]:0'}]} | 0 is no port
        messaging: {servers: [{address: 'a:1', nodePort: 70000}]} | /messaging/servers/0/nodePort
        messaging: {servers: [{address: 'a:1'}, {address: 'b:1'}, {address: 'a:1'}]} | messaging.servers[2].address: a:1 is that of servers[0] too
        messaging: {servers: [{address: 'a:1', nodePort: 30780}, {address: 'b:1', nodePort: 30780}]} | messaging.servers[1].nodePort
        messaging: {discoveryUrl: 'https://d.example.org:99999/x'} | messaging.discoveryUrl: https://d.example.org:99999/x: 99999 is no port
        """)
    void refusesWrongValuesAndNamesThem(String values, String named) {
        assertThatThrownBy(() -> Chart.SKYWIRE.render("", values)).hasMessageContaining(named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "controlPlane: {autoscaling: {enabled: true, minReplicas: 4}}",
                "controlPlane: {drain: {spreadSeconds: 20}}",
                "database: {host: 'a:65535,b:1'}",
                "messaging: {servers: [{address: '[2001:db8::99999]:65535'}, {address: 'a:1'}, {address: 'a:2'}]}",
                "messaging: {discoveryUrl: 'http://d.example.org'}",
                "messaging: {discoveryUrl: 'http://[2001:db8::1]:8080'}"
            })
    void takesWhatIsJustWithinBounds(String values) {
        assertThat(Chart.SKYWIRE.render("", values).all()).isNotEmpty();
    }
}
