import Model
import Testing

@testable import Cli

@Suite("Pages")
struct PageTests {
  @Test("devices in English")
  func devicesEnglish() {
    #expect(
      shown(DevicePage.list([Sample.greenhouse, Sample.blocked], .plain(.english))) == """
        DEVICE               STATE        MODEL       PORT          HEARD    REMARKS
        greenhouse           connected    Otomate V2  /dev/pts/4    3 s ago  simulated
        usbp-1a86:7523:000…  cannot open  unknown     /dev/ttyUSB0           provisional

        usbp-1a86:7523:0001@pci-0000:00:14.0-usb-0:2:1.0: /dev/ttyUSB0 may not be opened
          by this user: join the group dialout
        1 question waits for you: "bivouac questions".
        """)
  }

  @Test("devices in French")
  func devicesFrench() {
    #expect(
      shown(DevicePage.list([Sample.greenhouse, Sample.blocked], .plain(.french))) == """
        APPAREIL        ÉTAT            MODÈLE      PORT          ENTENDU     REMARQUES
        greenhouse      connecté        Otomate V2  /dev/pts/4    il y a 3 s  simulé
        usbp-1a86:752…  ne s’ouvre pas  inconnu     /dev/ttyUSB0              provisoire

        usbp-1a86:7523:0001@pci-0000:00:14.0-usb-0:2:1.0_: cet utilisateur ne peut pas
          ouvrir /dev/ttyUSB0_: rejoignez le groupe dialout, puis reconnectez-vous ou
          redémarrez le démon
        1 question vous attend_: «_bivouac questions_».
        """)
  }

  @Test("one device in English")
  func deviceEnglish() {
    #expect(
      shown(DevicePage.show(Sample.greenhouse, .plain(.english))) == """
        greenhouse
          id     sim-00000000000000a1
          state  connected, simulated
          kind   companion board
          model  Otomate V2 1.0
          port   /dev/pts/4 (simulated-1)
          heard  3 s ago
          epoch  3

        CHANNEL  VALUE  UNIT  AGE      REMARKS
        in.temp   21.5  Cel   4 s ago  pending sim
        note         –

        COMMANDS
          d1 ON [--lease 60s]
          text TEXT

        LINE, since its port was opened
          bytes       12,345 in, 0 out
          frames      0 good, 0 corrupt, 0 malformed, 0 unknown
          samples     0 stored, 0 repeated, 0 lost, 0 at most in unknown tails
          text        0 lines, 0 of noise
          hellos      0, 0 reboots
          round trip  2.5 ms

        LAST LOG LINES
          boot \\x1B[31mok
        """)
  }

  @Test("status in French")
  func statusFrench() {
    #expect(
      shown(StatusPage.lines(Sample.status, .plain(.french))) == """
        Bivouac 1.2.3
          marche     depuis 1 h 2 min
          nœud       abababababababab…
          stockage   enregistre_: 34_567 mesures en 12 écritures, 5 en attente
          disque     3,2 Mo occupés, 41,0 Go libres
          horloge    2025-11-21 04:40:00, synchronisée à 2,3 ms près
          boucle     123_456 tours, le plus long 3,2 ms, 0 au-dessus de 50 ms
          appareils  1 connecté, 1 ne s’ouvre pas
        """)
  }

  @Test("status in English")
  func statusEnglish() {
    #expect(
      shown(StatusPage.lines(Sample.status, .plain(.english))) == """
        Bivouac 1.2.3
          running  for 1 h 2 min
          node     abababababababab…
          storage  recording: 34,567 readings in 12 commits, 5 pending
          disk     3.2 MB used, 41.0 GB free
          clock    2025-11-21 04:40:00, synchronised within 2.3 ms
          loop     123,456 turns, the longest 3.2 ms, 0 over 50 ms
          devices  1 connected, 1 cannot open
        """)
  }

  @Test("readings in French have a decimal comma; in CSV a point")
  func readings() {
    let readings = [Sample.reading(), Sample.reading(.text("a,\"b\""), pending: false)]
    let names = ["sim-00000000000000a1": "greenhouse"]
    #expect(
      shown(ReadingPage.table(readings, names: names, .plain(.french))) == """
         HEURE                    APPAREIL    VOIE     VALEUR  UNITÉ  REMARQUES
        ~2025-11-21 04:40:00.123  greenhouse  in.temp    21,5  Cel    attente sim
        ~2025-11-21 04:40:00.123  greenhouse  in.temp   a,"b"  Cel    sim
        """)
    #expect(
      readings.map(\.csv) == [
        "2025-11-21T04:40:00.123456Z,996000000,sim-00000000000000a1,in.temp,21.5,Cel,"
          + "provisional,,3,7,5000,996000000,1",
        "2025-11-21T04:40:00.123456Z,996000000,sim-00000000000000a1,in.temp,"
          + "\"a,\"\"b\"\"\",Cel,provisional,,3,7,5000,996000000,1",
      ])
  }

  @Test("commands in French")
  func commands() {
    let commands = [Sample.command(.acked), Sample.command(.refused, reason: "busy")]
    #expect(
      shown(CommandPage.list(commands, names: [:], .plain(.french))) == """
        ID        APPAREIL        COMMANDE  ISSUE                           ÉMISE
        01234567  sim-000000000…  d1 1      exécutée                        il y a 2 min
        01234567  sim-000000000…  d1 1      refusée_: l’appareil en exécu…  il y a 2 min
        """)
  }
}
