use std::fs;
use std::path::PathBuf;

use crate::post::{Kind, Post, WAYS};
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

    const FORGED: &str = "Pay Mallory at once.";
    post.forge(FORGED);
    let forged = post.results()["Forged"].clone();
    let changed = change_in_mailbox(&post);
    let letters = post.fetched();
    assert_eq!(letters.len(), course.outcomes.len() / 2 + 1);
    let outcome = |text: &str| letters.iter().find(|letter| letter.text.contains(text)).unwrap().outcome();
    let others = letters.iter().filter(|letter| letter.outcome() != "good").count();
    assert_eq!(others, 2);
    story.ends([good.to_string(), "refuses".into(), outcome(FORGED), forged, outcome(&changed)]);
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
