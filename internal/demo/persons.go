package demo

// person is somebody as the register has it today.
type person struct {
	id            int64
	kind          string
	country       string
	number        string
	given, family name
	formerFamily  name // on cards made before the person's name changed; empty when it never did
}

// name is one or two words.
type name struct {
	text string
	a, b word // b is empty for one word
}

func one(w word) name { return name{text: w.Text, a: w} }

func two(a, b word, between string) name {
	if a.Text == b.Text {
		return one(a)
	}
	return name{text: a.Text + between + b.Text, a: a, b: b}
}

// key is the name's key as name_key makes it: every separator is one space.
func (n name) key() string {
	if n.b.Key == "" {
		return n.a.Key
	}
	return n.a.Key + " " + n.b.Key
}

// plain is the name as it stands in an e-mail address.
func (n name) plain() string {
	if n.b.Plain == "" {
		return n.a.Plain
	}
	return n.a.Plain + "." + n.b.Plain
}

// personal is YYMMDDNNNN of a Swedish number.
func (p *person) personal() string {
	if p.kind == personalNumber || p.kind == coordinationNumber {
		return p.number[2:]
	}
	return ""
}

func sortKey(family, given name) string { return family.key() + " " + given.key() }

// person makes the person of an id, always the same.
func (w *world) person(id int64) person {
	if id < firstExtra {
		return w.cast[id-1].person(id)
	}
	position := id - firstExtra
	r := w.random(aboutPersons, id)
	c, n := w.deck.deal(position)
	p := person{id: id, kind: c.kind, country: "SE"}
	from := w.words.swedish
	abroad := 12
	switch c.kind {
	case coordinationNumber:
		abroad = 90
	case passport:
		abroad = 100
	}
	if r.IntN(100) < abroad {
		from = w.words.origin(r, c.woman)
	}
	given := from.men
	if c.woman {
		given = from.women
	}
	if c.kind == passport {
		p.country, p.number = from.country, foreignNumber(n)
		if r.IntN(10) < 4 {
			p.kind = nationalID
		}
	} else {
		p.number = swedishNumber(c, n)
	}
	p.family = one(from.family.pick(r))
	p.given = one(given.pick(r))
	if x := r.IntN(100); x < 5 {
		p.family = two(p.family.a, from.family.pick(r), [...]string{"-", " "}[x%2])
	}
	if x := r.IntN(100); x < 9 {
		p.given = two(p.given.a, given.pick(r), [...]string{" ", "-", " "}[x%3])
	}
	if r.IntN(100) == 0 {
		p.formerFamily = one(from.family.pick(r))
	}
	return p
}

// person is the actor in the register. The keys are not known: the cards of the cast are made by the schema itself.
func (a actor) person(id int64) person {
	return person{id: id, kind: a.kind, country: a.country, number: a.number,
		given: one(word{Text: a.given}), family: one(word{Text: a.family})}
}
