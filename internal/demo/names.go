package demo

import "strings"

// visitorCard is the name under which visitor cards are sorted and found, as the schema has it.
const visitorCard = "Besökskort visitor card"

// origin is where foreign holders come from. Where family names have a form for women, only men are made.
type origin struct {
	country  string
	share    int
	families []string
	men      []string
	women    []string
}

// The names are common ones, the frequent first, put together by chance; after the common family names come the rare ones.
var (
	swedishFamilies = []string{
		"Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson", "Svensson", "Gustafsson",
		"Pettersson", "Jonsson", "Jansson", "Hansson", "Bengtsson", "Jönsson", "Lindberg", "Jakobsson", "Magnusson", "Lindström",
		"Olofsson", "Lindqvist", "Lindgren", "Berg", "Axelsson", "Bergström", "Lundberg", "Lind", "Lundgren", "Lundqvist",
		"Mattsson", "Berglund", "Fredriksson", "Sandberg", "Henriksson", "Forsberg", "Sjöberg", "Wallin", "Engström", "Eklund",
		"Danielsson", "Lundin", "Håkansson", "Björk", "Bergman", "Gunnarsson", "Holm", "Wikström", "Samuelsson", "Isaksson",
		"Fransson", "Bergqvist", "Nyström", "Holmberg", "Arvidsson", "Löfgren", "Söderberg", "Nyberg", "Blomqvist", "Claesson",
		"Nordström", "Mårtensson", "Lundström", "Viklund", "Björklund", "Eliasson", "Pålsson", "Berggren", "Sandström", "Nordin",
		"Ström", "Hermansson", "Åberg", "Ekström", "Holmgren", "Sundberg", "Hedlund", "Dahlberg", "Hellström", "Sjögren",
		"Falk", "Abrahamsson", "Martinsson", "Öberg", "Andreasson", "Blom", "Månsson", "Ek", "Åkesson", "Strömberg",
		"Jonasson", "Norberg", "Hansen", "Åström", "Sundström", "Lindholm", "Holmqvist", "Ivarsson", "Göransson", "Dahl",
		"Sundqvist", "Bengtson", "Åkerman", "Lindblom", "Lövgren", "Ågren", "Öhman", "Grönlund", "Skoglund", "Rosén",
		"Wikman", "Hallberg", "Norén", "Sköld", "Östlund", "Ekman", "Malmberg", "Kjellberg", "Ståhl", "Rydberg",
		"Åslund", "Hägglund", "Boström", "Sjölund", "Törnqvist", "Högberg", "Ahlström", "Öström", "Moberg", "Hörnfeldt",
		"Ljungberg", "Näslund", "Ödman", "Kärrman", "Årnfält", "Björnram", "von Sköldby", "af Lövstrand", "Sääf", "Zätterlöf",
		"Ängqvist", "Östergren", "Åhlin", "Sjöstedt", "Brännmark", "Kvarnström", "Häggmark", "Rönnlöv", "Mossbäck", "Tjäderås",
	}
	// Of these two the rare names are put together: Almberg, Asplöf, Björksten and a few thousand more.
	familyBeginnings = []string{
		"Alm", "Asp", "Back", "Berg", "Björk", "Blom", "Brand", "Bro", "Dal", "Ek", "Eng", "Fager", "Fors", "Frost", "Gran", "Gren", "Grön", "Gull",
		"Hag", "Hall", "Hammar", "Hav", "Hed", "Hell", "Hjort", "Holm", "Häger", "Hög", "Kron", "Kvarn", "Käll", "Lager", "Lilje", "Lind", "Ljung",
		"Lund", "Löv", "Malm", "Mo", "Moss", "Mård", "Nord", "Ny", "Näs", "Palm", "Ram", "Ros", "Rud", "Råd", "Rönn", "Sand", "Sjö", "Skog", "Skär",
		"Sol", "Sten", "Strand", "Ström", "Stål", "Sund", "Svan", "Säv", "Söder", "Tall", "Torn", "Tran", "Udd", "Vass", "Vester", "Vik", "Vret",
		"Ång", "Åker", "Älg", "Äng", "Ö", "Öst", "Över",
	}
	familyEndings = []string{
		"berg", "ström", "gren", "qvist", "lund", "man", "dahl", "mark", "stedt", "löf", "blad", "vall", "sten", "holm", "fors", "gård", "bäck", "skog",
		"ås", "strand", "stål", "sköld", "hult", "dal", "näs", "hag", "bom", "borg", "hed", "vik", "åker", "lid", "ryd", "sjö", "äng",
	}
	swedishMen = []string{
		"Lars", "Mikael", "Anders", "Johan", "Erik", "Per", "Karl", "Peter", "Thomas", "Jan",
		"Daniel", "Fredrik", "Andreas", "Hans", "Stefan", "Mats", "Marcus", "Mattias", "Magnus", "Jonas",
		"Niklas", "Martin", "Bengt", "Alexander", "Patrik", "Viktor", "Björn", "Oskar", "David", "Henrik",
		"Emil", "Leif", "Joakim", "Christian", "Simon", "Robert", "Kjell", "Filip", "Anton", "Håkan",
		"Gustav", "Tobias", "Rickard", "Linus", "William", "Adam", "Christoffer", "Jakob", "Roger", "Göran",
		"Robin", "Ulf", "Tommy", "Sebastian", "Elias", "Jesper", "Kent", "Rasmus", "Jörgen", "Ludvig",
		"Hugo", "Kenneth", "Isak", "Josef", "Gunnar", "Åke", "Sven", "Pontus", "Albin", "Felix",
		"Lucas", "Axel", "Örjan", "Dennis", "Jimmy", "Arvid", "Max", "Roland", "Rolf", "Karl-Erik",
		"Lars-Göran", "Per-Olof", "Sven-Åke", "Jan-Erik", "Bo", "Tord", "Sören", "Östen", "Åsgeir", "Vidar",
		"Hjalmar", "Melker", "Ragnar", "Torbjörn", "Lennart", "Stig", "Börje", "Ture", "Måns", "Älvar",
	}
	swedishWomen = []string{
		"Anna", "Eva", "Maria", "Karin", "Sara", "Kristina", "Lena", "Emma", "Kerstin", "Malin",
		"Jenny", "Hanna", "Linda", "Elin", "Susanne", "Johanna", "Marie", "Sofia", "Elisabeth", "Annika",
		"Åsa", "Sandra", "Julia", "Camilla", "Anneli", "Frida", "Ida", "Ulrika", "Therese", "Josefin",
		"Lovisa", "Matilda", "Monica", "Helena", "Jessica", "Cecilia", "Ingrid", "Katarina", "Amanda", "Birgitta",
		"Caroline", "Emelie", "Alva", "Ellen", "Gunilla", "Pia", "Lisa", "Märta", "Agnes", "Ebba",
		"Moa", "Klara", "Astrid", "Signe", "Anna-Karin", "Ann-Sofie", "Britt-Marie", "Eva-Lena", "Linnéa", "Tuva",
		"Saga", "Nathalie", "Rebecka", "Petra", "Ylva", "Tove", "Siv", "Vendela", "Wilma", "Hedvig",
		"Stina", "Tyra", "Mikaela", "Victoria", "Felicia", "Evelina", "Rut", "Vera", "Elsa", "Maj",
		"Solveig", "Gun-Britt", "Görel", "Öllegård", "Älva", "Åse", "Jorunn", "Ragnhild", "Embla", "Freja",
		"Inga", "Barbro", "Ulla", "Marianne", "Berit", "Gerd", "Sonja", "Louise", "Bodil", "Tora",
	}

	origins = []origin{
		{"PL", 30,
			[]string{"Nowak", "Wójcik", "Kowalczyk", "Woźniak", "Mazur", "Krawczyk", "Zając", "Król", "Wieczorek", "Wróbel", "Stępień", "Dudek", "Pawlak", "Sikora", "Bąk", "Szewczyk", "Włodarczyk", "Gąsior", "Łuczak", "Żak"},
			[]string{"Piotr", "Krzysztof", "Andrzej", "Tomasz", "Paweł", "Michał", "Marcin", "Łukasz", "Grzegorz", "Stanisław", "Jarosław", "Rafał", "Zbigniew", "Mirosław", "Sławomir"},
			[]string{"Anna", "Katarzyna", "Małgorzata", "Agnieszka", "Bożena", "Elżbieta", "Grażyna", "Łucja"}},
		{"LT", 13,
			[]string{"Kazlauskas", "Jankauskas", "Petrauskas", "Stankevičius", "Vasiliauskas", "Žukauskas", "Butkus", "Paulauskas", "Urbonas", "Šimkus", "Žilinskas", "Čepaitis"},
			[]string{"Jonas", "Vytautas", "Tomas", "Mindaugas", "Darius", "Andrius", "Žygimantas", "Gintaras", "Rimantas", "Šarūnas"}, nil},
		{"LV", 8,
			[]string{"Bērziņš", "Kalniņš", "Ozoliņš", "Jansons", "Liepiņš", "Krūmiņš", "Balodis", "Eglītis", "Zariņš", "Pētersons"},
			[]string{"Jānis", "Andris", "Juris", "Edgars", "Māris", "Aivars", "Mārtiņš", "Kārlis", "Ģirts"}, nil},
		{"EE", 9,
			[]string{"Tamm", "Saar", "Sepp", "Mägi", "Kask", "Kukk", "Rebane", "Ilves", "Pärn", "Kõiv", "Õunapuu", "Põder"},
			[]string{"Rein", "Jaan", "Toomas", "Andres", "Margus", "Urmas", "Tõnu", "Jüri", "Tõnis"},
			[]string{"Tiina", "Anne", "Piret", "Õie", "Kätlin"}},
		{"RO", 12,
			[]string{"Popa", "Popescu", "Ionescu", "Radu", "Stoica", "Munteanu", "Stănescu", "Țurcanu", "Bălan", "Pădureanu", "Șerban", "Ciobanu"},
			[]string{"Ion", "Gheorghe", "Vasile", "Ștefan", "Mihai", "Cătălin", "Răzvan", "Dănuț", "Florin", "Nicușor"},
			[]string{"Elena", "Ioana", "Mădălina", "Ștefania", "Andreea"}},
		{"UA", 12,
			[]string{"Melnyk", "Shevchenko", "Bondarenko", "Kovalenko", "Tkachenko", "Kravchenko", "Oliinyk", "Lysenko", "Marchenko", "Rudenko", "Savchuk", "Petrenko"},
			[]string{"Oleksandr", "Serhii", "Volodymyr", "Mykola", "Andrii", "Yurii", "Vasyl", "Ihor", "Bohdan"},
			[]string{"Olena", "Nataliia", "Iryna", "Oksana", "Svitlana"}},
		{"FI", 7,
			[]string{"Korhonen", "Virtanen", "Mäkinen", "Nieminen", "Mäkelä", "Hämäläinen", "Laine", "Heikkinen", "Koskinen", "Järvinen", "Lehtonen", "Hyvönen"},
			[]string{"Juhani", "Matti", "Timo", "Jukka", "Mika", "Ismo", "Väinö", "Yrjö", "Pekka"},
			[]string{"Päivi", "Tuula", "Anneli", "Marja", "Sirpa"}},
		{"DE", 6,
			[]string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Schäfer", "Groß", "Krüger", "Weiß", "Köhler", "Jäger"},
			[]string{"Wolfgang", "Jürgen", "Uwe", "Günther", "Holger", "Dieter", "Jörg", "Klaus"},
			[]string{"Ursula", "Sabine", "Käthe", "Heike"}},
		{"TR", 3,
			[]string{"Yılmaz", "Kaya", "Demir", "Çelik", "Şahin", "Yıldız", "Öztürk", "Doğan", "Koç"},
			[]string{"Mehmet", "Mustafa", "Hüseyin", "İbrahim", "Ömer", "Gökhan", "Çağlar"},
			[]string{"Ayşe", "Zeynep", "Gülşen"}},
	}
)

// rareFamilies are the Swedish family names that few people have, but for those that are common.
func rareFamilies() []string {
	var names []string
	known := map[string]bool{}
	for _, name := range swedishFamilies {
		known[name] = true
	}
	for _, end := range familyEndings {
		for _, begin := range familyBeginnings {
			name := begin + end
			if !known[name] && !strings.EqualFold(begin, end) {
				known[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}
