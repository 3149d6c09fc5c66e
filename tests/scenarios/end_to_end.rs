use std::fs;
use std::path::PathBuf;

use crate::post::{BOB, Kind, Post, WAYS};
use crate::python::example;
use crate::story::Story;

#[test]
fn end_to_end() {
    let Some(post) = Post::new() else { return };
    let story = Story::of("end_to_end");
    let course = post.course();
    let results = post.results();
    for (row, kind) in story.rows().zip(Kind::ALL) {
        let outcomes = WAYS.map(|way| course.outcomes[&(kind, way.to_owned())].clone());
        story.row_ends(row, [vec![results[&format!("{kind:?}")].clone()], outcomes.to_vec()].concat());
    }
    let good = course.outcomes.values().filter(|outcome| *outcome == "good").count();

    fs::write(post.folder().join("wrong.netrc"), "machine localhost login carol password x").unwrap();
    let server = format!("submissions://localhost:{}", post.submissions);
    let refused = post.run(example("submit.py").unwrap(), "wrong", &format!("{server} carol.key draft.eml"));
    assert!(!refused.succeeded && refused.stderr.contains("535"), "{}", refused.stderr);

    let agreement = kept_by_policy(&post, &server);

    const FORGED: &str = "Pay Mallory at once.";
    post.forge(FORGED);
    let forged = post.results()["Forged"].clone();
    let changed = change_in_mailbox(&post);
    let letters = post.fetched();
    assert_eq!(letters.len(), course.outcomes.len() / 2 + 2);
    let outcome = |text: &str| letters.iter().find(|letter| letter.text.contains(text)).unwrap().outcome();
    let others = letters.iter().filter(|letter| letter.outcome() != "good").count();
    assert_eq!(others, 2);
    story.ends([good.to_string(), "refuses".into(), agreement, outcome(FORGED), forged, outcome(&changed)]);
}

/// Carol's house has promised to write to Bob by encrypted mail alone. What is told when she does not, and then does.
fn kept_by_policy(post: &Post, server: &str) -> String {
    let policy = format!("[[sending]]\nto = \"{BOB}\"\nencrypt = true\nreason = \"our agreement\"\n");
    fs::write(post.folder().join("policy.toml"), policy).unwrap();
    let submit = |words: &str| {
        let words = format!("--policy policy.toml {words} {server} carol.key draft.eml");
        post.run(example("submit.py").unwrap(), "carol", &words)
    };
    let before = post.dovecot.files("bob").len();
    let refused = submit("");
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("our agreement"), "{}", refused.stderr);
    submit("--encrypt bob.asc bob.asc").ok();
    post.wait_for(before + 1);
    let news: Vec<Vec<u8>> = post.dovecot.arrived("bob");
    assert_eq!(news.len(), before + 1, "the first did not leave");
    refused.stderr.split_once(':').unwrap().0.to_owned()
}

/// Changes a day in a letter that lies there signed. Its new text.
fn change_in_mailbox(post: &Post) -> String {
    let signed = |path: &PathBuf| {
        let letter = fs::read_to_string(path).unwrap();
        letter.contains("SmimeSigned of 465").then_some(letter)
    };
    let mut files = post.dovecot.files("bob").into_iter();
    let (path, letter) = files.find_map(|path| Some((path.clone(), signed(&path)?))).unwrap();
    fs::write(path, letter.replace("leaves on Monday", "leaves on Friday")).unwrap();
    "SmimeSigned of 465 leaves on Friday".to_owned()
}
